import { describe, expect, it } from 'vitest';
import { normalTail, zAgainstBaseline, zAgainstTarget } from '../../src/report/z-test.js';

describe('the tail of the normal distribution', () => {
  // Half of the complementary error function of the C library at z / √2.
  it.each([
    [0, 0.5],
    [1, 0.15865525393145707],
    [1.959963984540054, 0.025],
    [2.999999, 0.001349902463485155],
    [3, 0.001349898031630093],
    [3.09, 0.001000782476614],
    [6, 9.865876450376946e-10],
    [20, 2.7536241186063314e-89],
    [-1, 0.8413447460685429],
  ])('above %d is %d', (z, share) => {
    expect(Math.abs(normalTail(z) / share - 1)).toBeLessThan(1e-9);
  });

  it('ends at 0 and 1', () => {
    expect([normalTail(Infinity), normalTail(-Infinity), normalTail(50)]).toEqual([0, 1, 0]);
  });
});

describe('the z-test against a target', () => {
  it('is the distance of the mean in its deviations', () => {
    const { z, p, sigma, against } = zAgainstTarget([3.27, 3.275, 3.28, 3.275], 3.28)!;
    const deviation = Math.sqrt((0.005 ** 2 + 0 + 0.005 ** 2 + 0) / 3);
    expect(sigma).toBeCloseTo(deviation, 12);
    expect(z).toBeCloseTo((0.005 * 2) / deviation, 9);
    expect(p).toBeCloseTo(normalTail(z), 12);
    expect(against).toBe('target');
  });

  it('needs two losses, and is lost by a training that diverged', () => {
    expect(zAgainstTarget([3], 4)).toBeUndefined();
    expect(zAgainstTarget([3, Infinity], 4)).toEqual({ z: -Infinity, p: 1, sigma: NaN, against: 'target' });
    expect(zAgainstTarget([3, 3], 4)).toMatchObject({ z: Infinity, p: 0 });
  });
});

describe('the z-test against a baseline', () => {
  it('has the deviation of both', () => {
    const { z, sigma } = zAgainstBaseline([3, 3.2], [3.5, 3.6, 3.7])!;
    expect(sigma).toBeCloseTo(Math.sqrt((2 * 0.1 ** 2 + 2 * 0.1 ** 2) / 3), 12);
    expect(z).toBeCloseTo(0.5 / Math.sqrt(1 / 2 + 1 / 3) / sigma, 9);
    expect(zAgainstBaseline([3.5, 3.6, 3.7], [3, 3.2])!.z).toBeCloseTo(-z, 9);
  });

  it('needs a deviation, and a baseline that trained', () => {
    expect(zAgainstBaseline([3], [4])).toBeUndefined();
    expect(zAgainstBaseline([], [4, 5, 6])).toBeUndefined();
    expect(zAgainstBaseline([3, 4], [4, Infinity])).toBeUndefined();
    expect(zAgainstBaseline([3], [4, 4.1])!.z).toBeGreaterThan(0);
    expect(zAgainstBaseline([3, Infinity], [4, 4.1])).toMatchObject({ z: -Infinity, p: 1 });
  });
});
