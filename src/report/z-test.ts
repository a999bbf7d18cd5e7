import { mean, standardDeviation } from './statistics.js';

/**
 * Whether trainings of one setting end below a loss by more than their noise. The rule of modded-nanogpt's third track takes
 * a claim for proven from z = 3.09 on, p = 0.001; its deviation is known from many trainings, here the seeds at hand say it.
 */
export interface ZTest {
  readonly z: number;
  /** How often as large a z comes about without a difference, by the normal distribution. */
  readonly p: number;
  /** The deviation between seeds that it is measured with, n − 1 below. */
  readonly sigma: number;
  readonly against: 'target' | 'baseline';
}

/**
 * The target less the mean, in deviations of the mean: (target − mean) · √n / σ.
 * @returns Undefined for fewer than two losses.
 */
export function zAgainstTarget(losses: readonly number[], target: number): ZTest | undefined {
  if (losses.length < 2) return undefined;
  const sigma = standardDeviation(losses);
  return tested((target - mean(losses)) * Math.sqrt(losses.length), sigma, 'target');
}

/**
 * The same for the difference to a baseline of as many steps: (mean of the baseline − mean) / √(1/n₁ + 1/n₂) / σ, with the
 * deviation of both sides together.
 * @returns Undefined without a deviation, or a baseline that came to a number.
 */
export function zAgainstBaseline(losses: readonly number[], baseline: readonly number[]): ZTest | undefined {
  const [n, m] = [losses.length, baseline.length];
  const difference = mean(baseline) - mean(losses);
  if (n === 0 || m === 0 || n + m < 3 || mean(baseline) === Infinity) return undefined;
  const sigma = Math.sqrt((squares(losses) + squares(baseline)) / (n + m - 2));
  return tested(difference / Math.sqrt(1 / n + 1 / m), sigma, 'baseline');
}

/** The share of a standard normal distribution above z. Sources: Marsaglia 2004 (the series); Laplace (the fraction). */
export function normalTail(z: number): number {
  if (Number.isNaN(z)) return NaN;
  if (z < 0) return 1 - normalTail(-z);
  if (z > 38) return 0;
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z < 3) {
    let [sum, term] = [z, z];
    for (let k = 3; Math.abs(term) > 1e-17; k += 2) sum += term *= (z * z) / k;
    return 0.5 - density * sum;
  }
  let fraction = z;
  for (let k = 60; k > 0; k--) fraction = z + k / fraction;
  return density / fraction;
}

/** A loss that is infinite is above everything, whatever the deviation. */
function tested(difference: number, sigma: number, against: ZTest['against']): ZTest {
  const z = difference === -Infinity ? -Infinity : difference / sigma;
  return { z, p: normalTail(z), sigma: difference === -Infinity ? NaN : sigma, against };
}

/** Sum of squared deviations from the mean. */
function squares(values: readonly number[]): number {
  return values.length < 2 ? 0 : standardDeviation(values) ** 2 * (values.length - 1);
}
