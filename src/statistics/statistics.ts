import { errorOfMean, logEstimate, reachOf, usualLevel, type ErrorPart } from './error-parts.js';
import { mean, standardDeviation } from './mean.js';

/** Statistics over the runs of a setting. A missed target is infinite, and so is the mean. */
export interface Statistics {
  readonly n: number;
  /** The mean; for ratios the geometric mean. */
  readonly mean: number;
  /** The sample standard deviation; NaN for fewer than two values or infinite ones. */
  readonly sd: number;
  /** Lower end of the mean's 95% interval by Student's t; NaN for fewer than two values or infinite ones. */
  readonly low: number;
  readonly high: number;
}

/**
 * Computes the statistics of values; undefined without any.
 * @param relative Errors that all values share, as parts of the error of a logarithm. Times share the error of the measured
 * step time that they were computed with.
 */
export function statisticsOf(values: readonly number[], relative: readonly ErrorPart[] = []): Statistics | undefined {
  if (values.length === 0) return undefined;
  const middle = mean(values);
  const common = relative.map((part) => ({ ...part, variance: part.variance * middle ** 2 }));
  const reach = reachOf([errorOfMean(values, 'seeds'), ...common]);
  return withInterval(values, middle, [middle - reach, middle + reach]);
}

/** Computes the statistics of ratios: their geometric mean, with an interval that is symmetric on a logarithmic scale. */
export function ratioStatisticsOf(
  values: readonly number[],
  relative: readonly ErrorPart[] = [],
): Statistics | undefined {
  if (values.length === 0) return undefined;
  const { value, parts } = logEstimate(values, 'seeds');
  return withInterval(values, Math.exp(value), ratioInterval(value, [...parts, ...relative]));
}

/** The interval of a ratio whose logarithm is `value`. */
export function ratioInterval(
  value: number,
  parts: readonly ErrorPart[],
  level = usualLevel,
): [low: number, high: number] {
  const reach = reachOf(parts, level);
  return [Math.exp(value - reach), Math.exp(value + reach)];
}

function withInterval(values: readonly number[], middle: number, [low, high]: [number, number]): Statistics {
  const isKnown = Number.isFinite(middle) && Number.isFinite(low) && Number.isFinite(high);
  return {
    n: values.length,
    mean: middle,
    sd: standardDeviation(values),
    ...(isKnown ? { low, high } : { low: NaN, high: NaN }),
  };
}
