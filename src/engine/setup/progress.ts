import { Presets, SingleBar } from 'cli-progress';
import { canRedraw } from '../../terminal.js';

/** The receiver of setup's progress. */
export interface SetupProgress {
  /** Called once per stage. */
  stage(text: string): void;
  /** Called often during a download. `total` is undefined if the server does not send it. */
  download(received: number, total: number | undefined): void;
}

export const silentProgress: SetupProgress = { stage: () => undefined, download: () => undefined };

/** Writes stages as lines to stderr, and downloads as a progress bar if stderr is a terminal. */
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
