import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** What several trainings of the same setting say. Infinity counts: a missed target makes the mean infinite. */
export interface Statistics {
  readonly n: number;
  readonly mean: number;
  /** With n − 1 below; NaN for fewer than two values or infinite ones. */
  readonly sd: number;
  /** 95% bootstrap interval of the mean; NaN for fewer than two values. */
  readonly low: number;
  readonly high: number;
}

/**
 * Undefined without values.
 * @param factors See {@link BootstrapOptions}.
 */
export function statisticsOf(values: readonly number[], factors?: readonly number[]): Statistics | undefined {
  if (values.length === 0) return undefined;
  const [low, high] = bootstrapInterval(values, { factors });
  return { n: values.length, mean: mean(values), sd: standardDeviation(values), low, high };
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Of the population that the values are a sample of. */
export function standardDeviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1));
}

export interface BootstrapOptions {
  readonly level?: number;
  readonly resamples?: number;
  readonly seed?: number;
  /** What the mean of each resample is multiplied by, where something else of all values is uncertain. */
  readonly factors?: readonly number[] | undefined;
}

/**
 * Percentile interval of the mean: where the means of samples lie that are drawn from the values with replacement.
 * Of three values it is hardly more than their range; it says what they say, not what more of them would.
 * Source: Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13.
 */
export function bootstrapInterval(
  values: readonly number[],
  { level = 0.95, resamples = 10_000, seed = 0, factors }: BootstrapOptions = {},
): [low: number, high: number] {
  const n = values.length;
  if (n < 2) return [NaN, NaN];
  const means = bootstrapResamples(values, { resamples, seed })
    .map((sample, index) => mean(sample) * (factors?.[index] ?? 1))
    .sort((a, b) => a - b);
  // No interpolation: between a number and Infinity there is none.
  const quantile = (share: number) => means[Math.max(0, Math.ceil(share * resamples) - 1)]!;
  return [quantile((1 - level) / 2), quantile((1 + level) / 2)];
}

/** Samples of the items' size, drawn from them with replacement; the same ones for the same seed and number of items. */
export function bootstrapResamples<T>(
  items: readonly T[],
  { resamples = 10_000, seed = 0 }: Pick<BootstrapOptions, 'resamples' | 'seed'> = {},
): T[][] {
  const random = xoroshiro128plus(seed);
  const draw = () => items[Math.floor(uniformFloat64(random) * items.length)]!;
  return Array.from({ length: resamples }, () => items.map(draw));
}
