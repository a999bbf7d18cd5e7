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

// A search takes each of them; whole degrees come again and again, others hardly ever.
const ofWholeDegrees = new Map<string, number>();

/** What Student's t stays below with probability `p`: 2.262 for 0.975 and nine degrees of freedom. */
export function tQuantile(p: number, degrees: number): number {
  if (!Number.isInteger(degrees)) return quantile(p, degrees);
  const key = `${p} ${degrees}`;
  const known = ofWholeDegrees.get(key) ?? quantile(p, degrees);
  ofWholeDegrees.set(key, known);
  return known;
}
