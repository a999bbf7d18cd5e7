import { errorOfMean, logEstimate, reachOf, usualLevel, type ErrorPart } from './error-parts.js';
import { mean, standardDeviation } from './mean.js';

/** What several trainings of the same setting say. Infinity counts: a missed target makes the mean infinite. */
export interface Statistics {
  readonly n: number;
  /** Of ratios the geometric mean. */
  readonly mean: number;
  /** With n − 1 below; NaN for fewer than two values or infinite ones. */
  readonly sd: number;
  /** 95% interval of the mean by Student's t; NaN for fewer than two values or infinite ones. */
  readonly low: number;
  readonly high: number;
}

/**
 * The mean of values. Undefined without any.
 * @param relative What else is uncertain in all of them alike, as parts of the error of a logarithm: the time of a step that
 * all times were made with.
 */
export function statisticsOf(values: readonly number[], relative: readonly ErrorPart[] = []): Statistics | undefined {
  if (values.length === 0) return undefined;
  const middle = mean(values);
  const common = relative.map((part) => ({ ...part, variance: part.variance * middle ** 2 }));
  const reach = reachOf([errorOfMean(values, 'seeds'), ...common]);
  return withInterval(values, middle, [middle - reach, middle + reach]);
}

/** The same of ratios: their geometric mean, with an interval at equal ratios around it. */
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
