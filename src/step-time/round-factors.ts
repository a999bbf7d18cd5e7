import { median } from '../median.js';
import { bootstrapResamples } from '../report/statistics.js';

/**
 * How uncertain a step time is, or its ratio to another one's, by the rounds in which it was measured: what it is multiplied
 * by in every bootstrap resample of the rounds. Both have the same rounds in a resample, so that what slowed a whole round
 * down drops out.
 * @param own Step times of the rounds.
 * @param base Those of the other one in the same rounds; without them it is the factor of the time itself.
 * @returns As many as there are resamples of seeds; undefined of fewer than two rounds, which leave nothing to resample.
 */
export function roundFactors(own: readonly number[], base: readonly number[] = own.map(() => 1)): number[] | undefined {
  if (own.length < 2) return undefined;
  const rounds = own.map((_, index) => index);
  const ratio = (drawn: readonly number[]) =>
    median(drawn.map((index) => own[index]!)) / median(drawn.map((index) => base[index]!));
  const known = ratio(rounds);
  // Another seed than that of resampled trainings, which would otherwise draw the same numbers.
  return bootstrapResamples(rounds, { seed: 1 }).map((drawn) => ratio(drawn) / known);
}
