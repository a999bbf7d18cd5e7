import { median } from '../median.js';
import { bootstrapResamples } from '../report/statistics.js';

/**
 * How uncertain a step time is, or its ratio to another one's, by the rounds in which it was measured: what it is multiplied
 * by in every bootstrap resample of the rounds. Both have the same rounds in a resample, so that what slowed a whole round
 * down drops out.
 * @param own Step times of the rounds; none, or one, leave nothing to resample.
 * @param base Those of the other one in the same rounds; without them it is the factor of the time itself.
 * @returns As many as there are resamples of seeds.
 */
export function roundFactors(own: readonly number[], base: readonly number[] = own.map(() => 1)): number[] {
  const rounds = own.map((_, index) => index);
  const ratio = (drawn: readonly number[]) =>
    median(drawn.map((index) => own[index]!)) / median(drawn.map((index) => base[index]!));
  const known = ratio(rounds);
  // Another seed than that of resampled trainings, which would otherwise draw the same numbers.
  return bootstrapResamples(rounds, { seed: 1 }).map((drawn) => (rounds.length < 2 ? 1 : ratio(drawn) / known));
}
