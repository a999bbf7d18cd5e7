import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { betaBounds, fittedLoss, fitPowerLaw, invertPowerLaw } from '../../../src/analysis/efficiency/power-law.js';

const budgets = [1600, 2000, 2400, 2800, 3200];

const curve = (law: { a: number; b: number; beta: number }, lengths = budgets) =>
  lengths.map((n) => ({ n, loss: fittedLoss(law, n) }));

/** Numbers around 0 that look like noise, the same on every machine. */
const wobble = (seed: number, i: number) => Math.sin(12.9898 * (seed + 1) + 78.233 * (i + 1));

describe('the fit of a power law', () => {
  it('finds the parameters that made a curve', () => {
    for (const law of [
      { a: 2.5, b: 30, beta: 0.5 },
      { a: 0, b: 12, beta: 0.1 },
      { a: 3.1, b: 4e5, beta: 2 },
    ]) {
      const fit = fitPowerLaw(curve(law));
      expect(fit.a).toBeCloseTo(law.a, 4);
      expect(fit.beta / law.beta).toBeCloseTo(1, 4);
      expect(fit.b / law.b).toBeCloseTo(1, 3);
      expect(fit.rmse).toBeLessThan(1e-7);
      expect([fit.from, fit.to]).toEqual([1600, 3200]);
    }
  });

  it('goes through any curve of the family, in any unit of length', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 4, noNaN: true }),
        fc.double({ min: 0.1, max: 3, noNaN: true }),
        fc.double({ min: 0.05, max: 5, noNaN: true }),
        fc.constantFrom(1, 1e-3, 2048),
        (a, fall, beta, unit) => {
          const lengths = budgets.map((n) => n * unit);
          const law = { a, b: fall * lengths[0]! ** beta, beta };
          const fit = fitPowerLaw(curve(law, lengths));
          for (const n of [...lengths, 2200 * unit]) expect(fittedLoss(fit, n)).toBeCloseTo(fittedLoss(law, n), 4);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('inverts to nearly the right length under noise of a thousandth of a nat', () => {
    const law = { a: 2.5, b: 30, beta: 0.5 };
    const found = Array.from({ length: 20 }, (_, seed) => {
      const points = curve(law).map(({ n, loss }, i) => ({ n, loss: loss + 0.001 * wobble(seed, i) }));
      return invertPowerLaw(fitPowerLaw(points), fittedLoss(law, 2000)) as number;
    });
    for (const n of found) expect(Math.abs(n - 2000)).toBeLessThan(40);
    // The noise matters: a fit that ignored the losses would not pass above, one that ignored the noise not here.
    expect(Math.max(...found) - Math.min(...found)).toBeGreaterThan(1);
  });

  it('is the least-squares fit: no neighbour is better', () => {
    const points = curve({ a: 3, b: 20, beta: 0.4 }).map(({ n, loss }, i) => ({
      n,
      loss: loss + 0.001 * wobble(3, i),
    }));
    const squares = (law: { a: number; b: number; beta: number }) =>
      points.reduce((sum, { n, loss }) => sum + (fittedLoss(law, n) - loss) ** 2, 0);
    const fit = fitPowerLaw(points);
    expect(squares(fit)).toBeCloseTo(points.length * fit.rmse ** 2, 12);
    for (const factor of [0.999, 1.001]) {
      expect(squares({ ...fit, a: fit.a * factor })).toBeGreaterThan(squares(fit));
      expect(squares({ ...fit, b: fit.b * factor })).toBeGreaterThan(squares(fit));
      expect(squares({ ...fit, beta: fit.beta * factor })).toBeGreaterThan(squares(fit));
    }
  });

  it('keeps its bounds: losses below zero and losses that rise are not fitted', () => {
    // A straight line down is best followed by a very negative a; zero is the lowest loss there is.
    const straight = fitPowerLaw(budgets.map((n) => ({ n, loss: 5 - n / 1000 })));
    expect(straight.a).toBeGreaterThanOrEqual(0);
    const rising = fitPowerLaw(budgets.map((n) => ({ n, loss: 3 + n / 1000 })));
    expect(rising.b).toBe(0);
    expect(rising.a).toBeCloseTo(3 + 2.4, 9);
    for (const { beta } of [straight, rising]) {
      expect(beta).toBeGreaterThanOrEqual(betaBounds.low);
      expect(beta).toBeLessThanOrEqual(betaBounds.high * 1.0001);
    }
  });

  it('is not extrapolated', () => {
    const law = fitPowerLaw(curve({ a: 2.5, b: 30, beta: 0.5 }));
    expect(invertPowerLaw(law, fittedLoss(law, 1600))).toBeCloseTo(1600, 6);
    expect(invertPowerLaw(law, fittedLoss(law, 1599))).toBe('shorter');
    expect(invertPowerLaw(law, fittedLoss(law, 3201))).toBe('longer');
    expect(invertPowerLaw(law, 2)).toBe('longer');
  });
});
