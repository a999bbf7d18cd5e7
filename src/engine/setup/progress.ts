import { Presets, SingleBar } from 'cli-progress';
import { canRedraw } from '../../terminal.js';

/** How setup tells what it is doing. */
export interface SetupProgress {
  /** One line for each stage. */
  stage(text: string): void;
  /** Called often while a file arrives; `total` is unknown when the server does not say. */
  download(received: number, total: number | undefined): void;
}

export const silentProgress: SetupProgress = { stage: () => undefined, download: () => undefined };

/** Stages as plain lines on stderr; downloads as a bar when stderr is a terminal. */
export function terminalProgress(note: (text: string) => void): SetupProgress {
  let bar: SingleBar | undefined;
  return {
    stage: note,
    download(received, total) {
      if (!canRedraw(process.stderr) || total === undefined) return;
      if (bar === undefined) {
        bar = new SingleBar({ format: '  {bar} {value}/{total} MB, {eta_formatted} left' }, Presets.shades_classic);
        bar.start(Math.ceil(total / 1e6), 0);
      }
      bar.update(Math.floor(received / 1e6));
      if (received >= total) {
        bar.stop();
        bar = undefined;
      }
    },
  };
}
