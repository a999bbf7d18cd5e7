import { errorOfMean, standardError } from './error-parts.js';
import { mean } from './mean.js';
import { statisticsOf } from './statistics.js';
import { twoSidedP, upperP } from './student-t.js';

/** The result of a paired test between two settings, over runs with the same seeds. */
export interface PairedTest {
  /** Number of pairs. */
  readonly n: number;
  /** The mean of second − first. */
  readonly mean_difference: number;
  /** Lower end of its 95% interval; null for fewer than two pairs. */
  readonly low: number | null;
  readonly high: number | null;
  readonly t: number | null;
  /** Two-sided p-value; null for fewer than two pairs, or if all differences are equal. */
  readonly p: number | null;
}

/**
 * Student's t-test of the differences within pairs. It assumes a normal distribution, which a few seeds cannot confirm.
 * @param pairs At least one pair of finite numbers.
 */
export function pairedTest(pairs: readonly (readonly [first: number, second: number])[]): PairedTest {
  const differences = pairs.map(([first, second]) => second - first);
  const { n, mean: mean_difference, low, high } = statisticsOf(differences)!;
  if (n < 2) return { n, mean_difference, low: null, high: null, t: null, p: null };
  const { se, degrees } = standardError([errorOfMean(differences, 'seeds')]);
  const t = se === 0 ? null : mean_difference / se;
  return { n, mean_difference, low, high, t, p: t === null ? null : twoSidedP(t, degrees) };
}

/** The result of a one-sided test that a mean difference is above zero. */
export interface OneSidedTest {
  readonly t: number;
  /** One-sided p-value by Student's t. */
  readonly p: number;
  readonly degrees: number;
}

/**
 * Tests whether a mean difference is above zero.
 * @param differences The difference of each run from what it is compared with.
 * @returns Undefined for fewer than two differences, infinite ones, or ones without spread.
 */
export function testAboveZero(differences: readonly number[]): OneSidedTest | undefined {
  const { se, degrees } = standardError([errorOfMean(differences, 'seeds')]);
  const t = mean(differences) / se;
  return se > 0 && Number.isFinite(t) ? { t, p: upperP(t, degrees), degrees } : undefined;
}
