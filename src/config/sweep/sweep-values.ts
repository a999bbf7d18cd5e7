import { hash32 } from '../../data/hash.js';
import { mostTrainings } from '../numbers.js';

/** How a range is filled; the names are those of W&B's sweeps. */
export const distributions = ['uniform', 'log_uniform_values', 'int_uniform'] as const;
export type Distribution = (typeof distributions)[number];

export interface Range {
  readonly min: number;
  readonly max: number;
  readonly distribution: Distribution;
}

/** `count` values from the smallest to the largest at equal distances, on a logarithmic scale where the range is one. */
export function spacedValues(range: Range, count: number): number[] {
  const values = Array.from({ length: count }, (_, i) => valueAt(range, i / (count - 1)));
  return [...new Set(values)];
}

/** Every whole number of a range, or the first ones when there are more than a sweep may have. */
export function wholeValues({ min, max }: Range): number[] {
  return Array.from({ length: Math.min(max - min, mostTrainings) + 1 }, (_, i) => min + i);
}

/** A random value; the same for the same seed, key and number of the draw, whatever else is drawn. */
export function randomValue(range: Range, seed: number, key: string, draw: number): number {
  const share = randomShare(seed, key, draw);
  // The largest whole number has to be as likely as the others.
  if (range.distribution === 'int_uniform') return range.min + Math.floor(share * (range.max - range.min + 1));
  return valueAt(range, share);
}

/** One of `items`, by the same rule as {@link randomValue}. */
export function randomItem<T>(items: readonly T[], seed: number, key: string, draw: number): T {
  return items[Math.floor(randomShare(seed, key, draw) * items.length)]!;
}

/** In [0, 1). */
function randomShare(seed: number, key: string, draw: number): number {
  return hash32(seed, ...Buffer.from(key), draw) / 2 ** 32;
}

/** Four digits: values that a person can write down and give again. */
function valueAt({ min, max, distribution }: Range, share: number): number {
  if (share === 0) return min;
  if (share === 1) return max;
  const value = distribution === 'log_uniform_values' ? min * (max / min) ** share : min + share * (max - min);
  const short = distribution === 'int_uniform' ? Math.round(value) : Number(value.toPrecision(4));
  return Math.min(max, Math.max(min, short));
}
