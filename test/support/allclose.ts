import { expect } from 'vitest';
import { largestDifference } from '../../src/verify/check.js';

type Numbers = ArrayLike<number>;

/** Fails if lengths differ, a value is NaN, or a difference exceeds the tolerance. */
export function expectAllClose(actual: Numbers, expected: Numbers, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  const difference = largestDifference(actual, expected);
  // NaN fails this comparison too.
  if (difference <= tolerance) return;
  const worst = Array.from(expected).findIndex((value, i) => !(Math.abs(actual[i]! - value) < difference));
  expect.fail(
    `differs by ${difference}, more than ${tolerance}, first at ${worst}: ${actual[worst]} instead of ${expected[worst]}`,
  );
}

/** Fails if the two agree everywhere within the tolerance. */
export function expectDifferent(actual: Numbers, other: Numbers, tolerance: number): void {
  expect(largestDifference(actual, other)).toBeGreaterThan(tolerance);
}
