import { mean, standardDeviation } from './statistics.js';
import { twoSidedP, twoSidedQuantile } from './student-t.js';

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
  const n = differences.length;
  const mean_difference = mean(differences);
  if (n < 2) return { n, mean_difference, low: null, high: null, t: null, p: null };
  const error = standardDeviation(differences) / Math.sqrt(n);
  const reach = twoSidedQuantile(0.05, n - 1) * error;
  const t = error === 0 ? null : mean_difference / error;
  return {
    n,
    mean_difference,
    low: mean_difference - reach,
    high: mean_difference + reach,
    t,
    p: t === null ? null : twoSidedP(t, n - 1),
  };
}
