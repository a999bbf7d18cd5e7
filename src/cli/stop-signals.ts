import { onStopSignal } from '../run/stop-signals.js';
import { note } from './terminal/output.js';

export interface StopOptions {
  /** What is said at the first signal. */
  readonly say?: string | undefined;
  /** Whether a second signal is no more than the first one; otherwise it ends the process at once. */
  readonly patient?: boolean;
}

/**
 * Aborts at the first Ctrl-C, or the signal of a system that wants the machine back. The reason is the signal's name.
 */
export function stopOnSignals({ say, patient = false }: StopOptions = {}): AbortSignal {
  const stop = new AbortController();
  onStopSignal(
    (name) => {
      if (say !== undefined && !stop.signal.aborted) note(say);
      stop.abort(name);
    },
    { patient },
  );
  return stop.signal;
}

/** As {@link stopOnSignals}, with words about what happens to the training and what goes on with it later. */
export function stopTraining(again: string, { quiet }: { readonly quiet: boolean }): AbortSignal {
  return stopOnSignals({
    say: quiet ? undefined : `\nstopping after this step; again to stop at once. To go on later: ${again}`,
  });
}
