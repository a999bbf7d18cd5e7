import cdf from '@stdlib/stats-base-dists-t-cdf';
import quantile from '@stdlib/stats-base-dists-t-quantile';

/** The probability that Student's t with these degrees of freedom is at least `t`; NaN if either is NaN. */
export function upperP(t: number, degrees: number): number {
  // The lower tail keeps its precision for tiny probabilities.
  return cdf(-t, degrees);
}

/** The probability that Student's t is at least as far from zero as `t`. */
export function twoSidedP(t: number, degrees: number): number {
  return 2 * upperP(Math.abs(t), degrees);
}

// Quantiles are slow to compute. Only whole degrees are kept, as others hardly ever repeat.
const ofWholeDegrees = new Map<string, number>();

/** The p-quantile of Student's t, such as 2.262 for p = 0.975 and nine degrees of freedom. */
export function tQuantile(p: number, degrees: number): number {
  if (!Number.isInteger(degrees)) return quantile(p, degrees);
  const key = `${p} ${degrees}`;
  const known = ofWholeDegrees.get(key) ?? quantile(p, degrees);
  ofWholeDegrees.set(key, known);
  return known;
}
