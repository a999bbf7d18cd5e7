import type { Run } from './read.js';

/**
 * The validation loss that a run ended with, in nats a token. Infinity when it diverged or failed; undefined while it has
 * not ended, and for one that failed before it did anything, which says nothing of its setting.
 */
export function finalLoss({ status, evaluations }: Pick<Run, 'status' | 'evaluations'>): number | undefined {
  const state = status?.state;
  if (state === 'failed' && status?.step === 0 && evaluations.length === 0) return undefined;
  if (state === 'diverged' || state === 'failed') return Infinity;
  if (state !== 'finished' && state !== 'stopped_at_target') return undefined;
  const last = evaluations.at(-1)?.loss ?? NaN;
  return Number.isNaN(last) ? Infinity : last;
}
