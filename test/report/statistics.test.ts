import { describe, expect, it } from 'vitest';
import { bootstrapInterval, mean, standardDeviation, statisticsOf } from '../../src/report/statistics.js';

describe('mean and standard deviation', () => {
  it('are those of a textbook sample', () => {
    // Sum 40, squares 232: variance (232 − 40²/8) / 7 = 32/7.
    const sample = [2, 4, 4, 4, 5, 5, 7, 9];
    expect(mean(sample)).toBe(5);
    expect(standardDeviation(sample)).toBeCloseTo(Math.sqrt(32 / 7), 12);
  });

  it('say what is not known', () => {
    expect(standardDeviation([3])).toBeNaN();
    expect(statisticsOf([])).toBeUndefined();
    expect(statisticsOf([3])).toEqual({ n: 1, mean: 3, sd: NaN, low: NaN, high: NaN });
  });

  it('count a miss as infinite', () => {
    expect(statisticsOf([100, 120, Infinity])).toMatchObject({ n: 3, mean: Infinity, sd: NaN, high: Infinity });
  });
});

describe('the bootstrap interval', () => {
  /** Quantiles of the mean over all ways to draw with replacement, each as likely as the others. */
  function exactInterval(values: readonly number[], level: number): [number, number] {
    const draw = (sums: number[]) => sums.flatMap((sum) => values.map((value) => sum + value));
    const sums = values.reduce(draw, [0]);
    const means = sums.map((sum) => sum / values.length).sort((a, b) => a - b);
    const quantile = (share: number) => means[Math.ceil(share * means.length) - 1]!;
    return [quantile((1 - level) / 2), quantile((1 + level) / 2)];
  }

  it.each([
    [[3.1, 3.4, 3.2, 3.9, 3.3, 3.6], 0.95],
    [[3.1, 3.4, 3.2, 3.9, 3.3, 3.6], 0.5],
    [[1, 2, 4, 8, 16], 0.9],
  ])('of %j at %d is that of all resamples', (values, level) => {
    const [low, high] = bootstrapInterval(values, { level });
    const [exactLow, exactHigh] = exactInterval(values, level);
    const tolerance = 0.02 * (Math.max(...values) - Math.min(...values));
    expect(Math.abs(low - exactLow)).toBeLessThan(tolerance);
    expect(Math.abs(high - exactHigh)).toBeLessThan(tolerance);
  });

  it('of two values is the two values: each is drawn twice in a quarter of the samples', () => {
    expect(bootstrapInterval([1, 2])).toEqual([1, 2]);
    expect(bootstrapInterval([1, 2], { level: 0.4 })).toEqual([1.5, 1.5]);
  });

  it('is the same every time, and another with another seed', () => {
    const values = [3.1, 3.4, 3.2, 3.9];
    const options = { resamples: 101 };
    expect(bootstrapInterval(values, options)).toEqual(bootstrapInterval(values, options));
    const seeds = [0, 1, 2, 3, 4].map((seed) => String(bootstrapInterval(values, { ...options, seed })));
    expect(new Set(seeds).size).toBeGreaterThan(1);
  });
});
