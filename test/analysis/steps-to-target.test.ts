import fc from 'fast-check';
import { describe, it, expect } from 'vitest';
import { stepsToTarget } from '../../src/analysis/steps-to-target.js';
import { evaluations } from '../report/helpers.js';

const never = { steps: Infinity, steps_raw: Infinity, tokens: Infinity, train_time_s: Infinity };

describe('stepsToTarget', () => {
  it('interpolates between the evaluation before the crossing and the one at it', () => {
    const curve = evaluations([0, 7], [10, 6], [20, 5], [30, 4]);
    // 4.75 is a quarter of the way from 5 to 4.
    expect(stepsToTarget(curve, 4.75)).toEqual({ steps: 22.5, steps_raw: 30, tokens: 2250, train_time_s: 22.5 });
  });

  it('gives time its own line when steps do not take the same time', () => {
    const [a, b] = evaluations([0, 6], [10, 4]);
    expect(stepsToTarget([a!, { ...b!, train_time_s: 40 }], 5)).toMatchObject({ steps: 5, train_time_s: 20 });
  });

  it('gives the step of an evaluation that is exactly at the target', () => {
    const curve = evaluations([0, 7], [10, 6], [20, 5.1], [30, 4]);
    expect(stepsToTarget(curve, 5.1)).toEqual({ steps: 20, steps_raw: 20, tokens: 2000, train_time_s: 20 });
  });

  it('is infinite when the target was not reached, or nothing was evaluated', () => {
    expect(stepsToTarget(evaluations([0, 7], [10, 6]), 5.9)).toEqual(never);
    expect(stepsToTarget([], 5)).toEqual(never);
  });

  it('counts from the first crossing when the loss rises again', () => {
    expect(stepsToTarget(evaluations([0, 6], [10, 4], [20, 7], [30, 3]), 5)).toMatchObject({ steps: 5, steps_raw: 10 });
  });

  it('has nothing to interpolate from at the first evaluation', () => {
    expect(stepsToTarget(evaluations([0, 4], [10, 3]), 5)).toMatchObject({ steps: 0, steps_raw: 0 });
    expect(stepsToTarget(evaluations([10, 4]), 5)).toMatchObject({ steps: 10, train_time_s: 10 });
  });

  it('does not interpolate from an infinite loss or NaN, which reach nothing themselves', () => {
    expect(stepsToTarget(evaluations([0, Infinity], [10, 4]), 5)).toMatchObject({ steps: 10, steps_raw: 10 });
    expect(stepsToTarget(evaluations([0, 7], [10, NaN], [20, 4]), 5)).toMatchObject({ steps: 20, steps_raw: 20 });
    expect(stepsToTarget(evaluations([0, NaN], [10, NaN]), 5)).toEqual(never);
  });

  it('lies between the raw crossing and the evaluation before it, whatever the curve', () => {
    const loss = fc.double({ min: 0.01, max: 20, noNaN: true });
    fc.assert(
      fc.property(fc.array(loss, { minLength: 2, maxLength: 30 }), loss, (losses, target) => {
        const curve = evaluations(...losses.map((value, i): [number, number] => [7 * i, value]));
        const { steps, steps_raw, tokens } = stepsToTarget(curve, target);
        const index = losses.findIndex((value) => value <= target);
        if (index === -1) return steps === Infinity && steps_raw === Infinity;
        return (
          steps_raw === 7 * index &&
          steps <= steps_raw &&
          steps >= 7 * Math.max(0, index - 1) &&
          tokens <= steps_raw * 100
        );
      }),
    );
  });

  it('is never later for a higher target', () => {
    const loss = fc.double({ min: 0.01, max: 20, noNaN: true });
    fc.assert(
      fc.property(fc.array(loss, { minLength: 1 }), loss, loss, (losses, a, b) => {
        const curve = evaluations(...losses.map((value, i): [number, number] => [10 * i, value]));
        return stepsToTarget(curve, Math.max(a, b)).steps <= stepsToTarget(curve, Math.min(a, b)).steps + 1e-9;
      }),
    );
  });
});
