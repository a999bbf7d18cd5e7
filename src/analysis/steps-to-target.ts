import type { EvaluationRow } from '../train/rows.js';

/** When a curve of validation losses first came down to a target; every number is Infinity when it never did. */
export interface TargetCrossing {
  /** On the straight line between the evaluation before the crossing and the one at it. */
  readonly steps: number;
  /** First evaluation at or below the target. */
  readonly steps_raw: number;
  /** Training tokens, interpolated as `steps` is. */
  readonly tokens: number;
  /** Training time without evaluations, in seconds, interpolated as `steps` is. */
  readonly train_time_s: number;
}

export const notReached: TargetCrossing = {
  steps: Infinity,
  steps_raw: Infinity,
  tokens: Infinity,
  train_time_s: Infinity,
};

/**
 * Finds the first crossing of a target loss. A curve that goes below and comes back counts from its first crossing.
 * There is nothing to interpolate from when the first evaluation is at the target already, or when the one before was
 * infinite or NaN: then the evaluation at the crossing counts.
 * @param evaluations In the order of their steps.
 */
export function stepsToTarget(evaluations: readonly EvaluationRow[], target: number): TargetCrossing {
  const index = evaluations.findIndex(({ loss }) => loss <= target);
  const at = evaluations[index];
  if (at === undefined) return notReached;
  const before = evaluations[index - 1];
  const from = before !== undefined && Number.isFinite(before.loss) ? before : at;
  // Also 1 when the loss is the target itself; 0 / 0 when there is no evaluation before.
  const share = from === at ? 1 : (from.loss - target) / (from.loss - at.loss);
  const between = (a: number, b: number) => (share === 1 ? b : a + share * (b - a));
  return {
    steps: between(from.step, at.step),
    steps_raw: at.step,
    tokens: between(from.tokens, at.tokens),
    train_time_s: between(from.train_time_s, at.train_time_s),
  };
}
