import { mean, variance } from './mean.js';
import { tQuantile } from './student-t.js';

/** Intervals are 95% ones unless something else is said. */
export const usualLevel = 0.95;

/** One source of an estimate's error, independent of the others. */
export interface ErrorPart {
  /** What more of would make it smaller: trainings with other seeds, or rounds in which steps are timed. */
  readonly from: 'seeds' | 'rounds';
  /** Of the estimate, not of a single value. NaN where one value says nothing of its spread. */
  readonly variance: number;
  /** Degrees of freedom of that variance. */
  readonly degrees: number;
}

/** An estimate's standard error, and the degrees of freedom of the t that its interval takes. */
export interface StandardError {
  readonly se: number;
  readonly degrees: number;
}

/** The error of a mean of values that are drawn independently. */
export function errorOfMean(values: readonly number[], from: ErrorPart['from']): ErrorPart {
  return { from, variance: variance(values) / values.length, degrees: values.length - 1 };
}

/**
 * The parts together. With several, t has the degrees of freedom of Welch and Satterthwaite.
 * Source: F. E. Satterthwaite, An approximate distribution of estimates of variance components, Biometrics 2, 1946.
 */
export function standardError(parts: readonly ErrorPart[]): StandardError {
  const total = parts.reduce((sum, part) => sum + part.variance, 0);
  // A part without spread takes no degrees of freedom from the others.
  const spread = parts.reduce((sum, part) => sum + (part.variance === 0 ? 0 : part.variance ** 2 / part.degrees), 0);
  return { se: Math.sqrt(total), degrees: spread === 0 ? Infinity : total ** 2 / spread };
}

/** How far a two-sided interval reaches from the estimate. NaN where there is none. */
export function reachOf(parts: readonly ErrorPart[], level = usualLevel): number {
  const { se, degrees } = standardError(parts);
  return se === 0 ? 0 : tQuantile((1 + level) / 2, degrees) * se;
}

/**
 * A bound of {@link reachOf} that takes next to no time: an estimate has at least the degrees of freedom of its part with
 * the fewest, which are a whole number.
 */
export function mostReachOf(parts: readonly ErrorPart[], level = usualLevel): number {
  const fewest = Math.min(...parts.map(({ degrees }) => degrees));
  return tQuantile((1 + level) / 2, fewest) * standardError(parts).se;
}

/** A logarithm with the parts of its error: ratios are estimated on this scale, on which half and double are as far. */
export interface LogEstimate {
  readonly value: number;
  readonly parts: readonly ErrorPart[];
}

/** The mean logarithm of positive numbers. */
export function logEstimate(values: readonly number[], from: ErrorPart['from']): LogEstimate {
  const logs = values.map(Math.log);
  return { value: mean(logs), parts: [errorOfMean(logs, from)] };
}
