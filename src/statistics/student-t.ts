import cdf from '@stdlib/stats-base-dists-t-cdf';
import quantile from '@stdlib/stats-base-dists-t-quantile';

/** How likely Student's t with so many degrees of freedom is `t` or larger; NaN where either is. */
export function upperP(t: number, degrees: number): number {
  // From the lower tail, which keeps its digits where it is tiny.
  return cdf(-t, degrees);
}

/** How likely it is at least as far from zero as `t`. */
export function twoSidedP(t: number, degrees: number): number {
  return 2 * upperP(Math.abs(t), degrees);
}

/** What Student's t stays below with probability `p`: 2.262 for 0.975 and nine degrees of freedom. */
export function tQuantile(p: number, degrees: number): number {
  return quantile(p, degrees);
}
