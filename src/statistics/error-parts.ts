import { mean, variance } from './mean.js';
import { tQuantile } from './student-t.js';

/** The default confidence level of intervals. */
export const usualLevel = 0.95;

/** One of several independent sources of an estimate's error. */
export interface ErrorPart {
  /** The kind of sample that would reduce it: runs with more seeds, or more rounds of timed steps. */
  readonly from: 'seeds' | 'rounds';
  /** Variance of the estimate, not of a single value. NaN if there is only one value. */
  readonly variance: number;
  /** Degrees of freedom of that variance. */
  readonly degrees: number;
}

/** An estimate's standard error, with the degrees of freedom for its interval by Student's t. */
export interface StandardError {
  readonly se: number;
  readonly degrees: number;
}

/** The error of the mean of independent values. */
export function errorOfMean(values: readonly number[], from: ErrorPart['from']): ErrorPart {
  return { from, variance: variance(values) / values.length, degrees: values.length - 1 };
}

/**
 * Combines the parts. The degrees of freedom of several parts are those of Welch and Satterthwaite.
 * Source: F. E. Satterthwaite, An approximate distribution of estimates of variance components, Biometrics 2, 1946.
 */
export function standardError(parts: readonly ErrorPart[]): StandardError {
  const total = parts.reduce((sum, part) => sum + part.variance, 0);
  // A part without spread does not reduce the degrees of freedom.
  const spread = parts.reduce((sum, part) => sum + (part.variance === 0 ? 0 : part.variance ** 2 / part.degrees), 0);
  return { se: Math.sqrt(total), degrees: spread === 0 ? Infinity : total ** 2 / spread };
}

/** Half the width of a two-sided confidence interval; NaN if there is no interval. */
export function reachOf(parts: readonly ErrorPart[], level = usualLevel): number {
  const { se, degrees } = standardError(parts);
  return se === 0 ? 0 : tQuantile((1 + level) / 2, degrees) * se;
}

/**
 * A fast upper bound of {@link reachOf}. It uses the fewest degrees of freedom of any part, a whole number that the estimate
 * has at least.
 */
export function mostReachOf(parts: readonly ErrorPart[], level = usualLevel): number {
  const fewest = Math.min(...parts.map(({ degrees }) => degrees));
  return tQuantile((1 + level) / 2, fewest) * standardError(parts).se;
}

/** An estimated logarithm with its errors. Ratios are estimated as logarithms, so that half and double are equally far. */
export interface LogEstimate {
  readonly value: number;
  readonly parts: readonly ErrorPart[];
}

/** The mean logarithm of positive numbers. */
export function logEstimate(values: readonly number[], from: ErrorPart['from']): LogEstimate {
  const logs = values.map(Math.log);
  return { value: mean(logs), parts: [errorOfMean(logs, from)] };
}
