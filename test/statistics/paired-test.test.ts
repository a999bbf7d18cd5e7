import { describe, expect, it } from 'vitest';
import { pairedTest, testAboveZero } from '../../src/statistics/paired-test.js';
import { tQuantile, twoSidedP, upperP } from '../../src/statistics/student-t.js';

describe("Student's t", () => {
  it('has the quantiles of the printed tables', () => {
    // NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2, upper critical values for 0.025.
    const table = { 1: 12.706, 2: 4.303, 3: 3.182, 5: 2.571, 9: 2.262, 30: 2.042, 100: 1.984 };
    for (const [degrees, value] of Object.entries(table)) {
      expect(tQuantile(0.975, Number(degrees))).toBeCloseTo(value, 3);
    }
  });

  it('agrees with its closed forms for one and two degrees of freedom', () => {
    for (const t of [0.001, 0.3, 1, 2.5, 40, 1e4]) {
      expect(twoSidedP(t, 1) / (1 - (2 / Math.PI) * Math.atan(t))).toBeCloseTo(1, 9);
      expect(twoSidedP(t, 2)).toBeCloseTo(1 - t / Math.sqrt(2 + t * t), 12);
    }
  });

  it('is symmetric, and inverts its own quantile', () => {
    expect(twoSidedP(0, 4)).toBe(1);
    expect(twoSidedP(-2, 4)).toBe(twoSidedP(2, 4));
    for (const p of [0.9, 0.05, 0.001, 1e-8]) expect(upperP(tQuantile(1 - p, 7), 7) / p).toBeCloseTo(1, 6);
  });
});

describe('the paired test', () => {
  it("gives what R's t.test gives for Student's sleep data", () => {
    // R documentation of t.test, `with(sleep, t.test(extra[group == 1], extra[group == 2], paired = TRUE))`:
    // t = -4.0621, df = 9, p-value = 0.002833, 95% interval -2.4598858 to -0.7001142 of first - second.
    const first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
    const second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
    const test = pairedTest(first.map((value, index) => [value, second[index]!] as const));
    expect(test.n).toBe(10);
    expect(test.mean_difference).toBeCloseTo(1.58, 12);
    expect(test.t).toBeCloseTo(4.0621, 4);
    expect(test.p).toBeCloseTo(0.002833, 6);
    expect(test.low).toBeCloseTo(0.7001142, 7);
    expect(test.high).toBeCloseTo(2.4598858, 7);
  });

  it('has neither interval nor p of one pair, and no p of equal differences', () => {
    expect(pairedTest([[3, 2.5]])).toEqual({ n: 1, mean_difference: -0.5, low: null, high: null, t: null, p: null });
    const equal = pairedTest([
      [3, 2.5],
      [4, 3.5],
    ]);
    expect(equal).toMatchObject({ n: 2, mean_difference: -0.5, low: -0.5, high: -0.5, p: null });
  });
});

describe('the test for more than zero', () => {
  it('is one-sided, with the degrees of freedom of its differences', () => {
    // Mean 0.2, deviation 0.1: t = 0.2 · √3 / 0.1.
    const { t, p, degrees } = testAboveZero([0.1, 0.2, 0.3])!;
    expect(t).toBeCloseTo(2 * Math.sqrt(3), 12);
    expect(degrees).toBe(2);
    expect(p).toBeCloseTo(twoSidedP(t, 2) / 2, 12);
    // With three seeds p = 0.001 takes t = 22.3, where a normal distribution would take 3.09.
    expect(tQuantile(0.999, 2)).toBeCloseTo(22.327, 3);
  });

  it('says nothing of one difference, of infinite ones, or where all are the same', () => {
    for (const differences of [[], [0.1], [0.1, -Infinity], [0.1, 0.1]]) {
      expect(testAboveZero(differences)).toBeUndefined();
    }
  });
});
