import { describe, expect, it } from 'vitest';
import { randomItem, randomValue, spacedValues, wholeValues } from '../../../src/config/sweep/sweep-values.js';

const log = { min: 1e-4, max: 1e-1, distribution: 'log_uniform_values' } as const;
const flat = { min: 0.5, max: 2, distribution: 'uniform' } as const;
const whole = { min: 2, max: 5, distribution: 'int_uniform' } as const;
const draws = (range: typeof log | typeof flat | typeof whole, seed = 0, key = 'lr') =>
  Array.from({ length: 400 }, (_, draw) => randomValue(range, seed, key, draw));

describe('values of a range', () => {
  it('lie at equal distances or ratios, its ends exactly', () => {
    expect(spacedValues(flat, 4)).toEqual([0.5, 1, 1.5, 2]);
    // Half decades, in the four digits that a person would write.
    expect(spacedValues({ ...log, min: 1e-3 }, 5)).toEqual([0.001, 0.003162, 0.01, 0.03162, 0.1]);
    expect(spacedValues({ ...flat, min: 0.123456, max: 0.999999 }, 2)).toEqual([0.123456, 0.999999]);
    expect(spacedValues(whole, 3)).toEqual([2, 4, 5]);
    expect(wholeValues(whole)).toEqual([2, 3, 4, 5]);
  });

  it('stay within the range when rounded', () => {
    const narrow = { min: 0.99991, max: 0.99999, distribution: 'uniform' } as const;
    for (const value of spacedValues(narrow, 9)) expect(value).toBeLessThanOrEqual(0.99999);
  });
});

describe('random values', () => {
  it('fill their range evenly, on its own scale', () => {
    for (const range of [log, flat]) {
      const values = draws(range);
      const middle = range === log ? Math.sqrt(range.min * range.max) : (range.min + range.max) / 2;
      const below = values.filter((value) => value < middle).length;
      // 200 are expected, with a standard deviation of 10.
      expect(Math.abs(below - 200)).toBeLessThan(50);
      expect(Math.min(...values)).toBeGreaterThanOrEqual(range.min);
      expect(Math.max(...values)).toBeLessThanOrEqual(range.max);
    }
    for (const value of [2, 3, 4, 5]) {
      // 100 are expected, with a standard deviation of 9.
      expect(Math.abs(draws(whole).filter((drawn) => drawn === value).length - 100)).toBeLessThan(45);
    }
  });

  it('are the same again, and others with another seed and for another key', () => {
    expect(draws(flat)).toEqual(draws(flat));
    const same = (other: number[]) => draws(flat).filter((value, draw) => value === other[draw]).length;
    expect(same(draws(flat, 1))).toBeLessThan(20);
    expect(same(draws(flat, 0, 'weight_decay'))).toBeLessThan(20);
    const items = (key: string) => Array.from({ length: 100 }, (_, draw) => randomItem([0, 1, 2], 0, key, draw));
    expect(new Set(items('a')).size).toBe(3);
    expect(items('a')).not.toEqual(items('b'));
  });
});
