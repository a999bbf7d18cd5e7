import { errorOfMean, standardError } from './error-parts.js';
import { mean } from './mean.js';
import { statisticsOf } from './statistics.js';
import { twoSidedP, upperP } from './student-t.js';

/** What trainings with the same seeds say about the difference between two settings. */
export interface PairedTest {
  /** Pairs. */
  readonly n: number;
  /** Mean of second − first. */
  readonly mean_difference: number;
  /** 95% interval of it; null for fewer than two pairs. */
  readonly low: number | null;
  readonly high: number | null;
  readonly t: number | null;
  /** Two-sided; null for fewer than two pairs, or when all differences are the same. */
  readonly p: number | null;
}

/**
 * Student's t-test of the differences within pairs. It takes them as drawn from a normal distribution, which a few seeds
 * cannot show.
 * @param pairs First and second number of each, all finite, at least one.
 */
export function pairedTest(pairs: readonly (readonly [first: number, second: number])[]): PairedTest {
  const differences = pairs.map(([first, second]) => second - first);
  const { n, mean: mean_difference, low, high } = statisticsOf(differences)!;
  if (n < 2) return { n, mean_difference, low: null, high: null, t: null, p: null };
  const { se, degrees } = standardError([errorOfMean(differences, 'seeds')]);
  const t = se === 0 ? null : mean_difference / se;
  return { n, mean_difference, low, high, t, p: t === null ? null : twoSidedP(t, degrees) };
}

/** Whether a mean difference is above zero by more than its noise. */
export interface OneSidedTest {
  readonly t: number;
  /** How often as large a t comes about where there is no difference: one-sided, by Student's t. */
  readonly p: number;
  readonly degrees: number;
}

/**
 * Tests whether a mean difference is above zero.
 * @param differences How far each training is below what it is held against.
 * @returns Undefined for fewer than two, infinite ones, or ones without spread.
 */
export function testAboveZero(differences: readonly number[]): OneSidedTest | undefined {
  const { se, degrees } = standardError([errorOfMean(differences, 'seeds')]);
  const t = mean(differences) / se;
  return se > 0 && Number.isFinite(t) ? { t, p: upperP(t, degrees), degrees } : undefined;
}
