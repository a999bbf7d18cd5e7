import { exitCodes, type ExitCode } from '../errors.js';
import type { ChildOutcome } from '../experiment/child-run.js';

export interface EndingOptions {
  /** The signal that could stop the training; its reason is the name of the system's signal. */
  readonly stop?: AbortSignal;
  /** Whether a target that had to be reached was not. */
  readonly missesTarget?: boolean;
}

/** What a process ends with after its runs came to this; those that were not begun are undefined. */
export function exitCodeOf(
  outcomes: Iterable<ChildOutcome | undefined>,
  { stop, missesTarget = false }: EndingOptions = {},
): ExitCode {
  const all = [...outcomes].filter((outcome) => outcome !== undefined);
  const isAny = (state: string) => all.some((outcome) => outcome.kind === 'outcome' && outcome.state === state);
  if (stop?.aborted === true) return stop.reason === 'SIGINT' ? exitCodes.interrupted : exitCodes.interruptedResumable;
  const errors = all.filter((outcome) => outcome.kind === 'error');
  if (errors.length > 0) {
    const noEngine = errors.every(({ code }) => code === 'engine_unavailable');
    return noEngine ? exitCodes.unavailable : exitCodes.runsFailed;
  }
  if (isAny('diverged')) return exitCodes.diverged;
  // A run's own process can be asked to stop as well.
  if (isAny('interrupted')) return exitCodes.interruptedResumable;
  return missesTarget ? exitCodes.targetNotReached : exitCodes.done;
}
