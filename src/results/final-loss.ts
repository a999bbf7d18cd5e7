import type { Run } from './read-run.js';
import { runState } from './status.js';

type Losses = Pick<Run, 'status' | 'evaluations'>;

/**
 * The validation loss that a run ended with, in nats a token. Infinity when it diverged or failed; undefined while it has
 * not ended, and for one that failed before it did anything, which says nothing of its setting.
 */
export function finalLoss({ status, evaluations }: Losses): number | undefined {
  const state = status?.state;
  if (state === 'failed' && status?.step === 0 && evaluations.length === 0) return undefined;
  if (state === 'diverged' || state === 'failed') return Infinity;
  if (state !== 'finished' && state !== 'stopped_at_target') return undefined;
  const last = evaluations.at(-1)?.loss ?? NaN;
  return Number.isNaN(last) ? Infinity : last;
}

/** The last validation loss so far; Infinity for a run that diverged, undefined before the first evaluation. */
export function lossSoFar({ status, evaluations }: Losses): number | undefined {
  return runState(status) === 'diverged' ? Infinity : evaluations.at(-1)?.loss;
}
