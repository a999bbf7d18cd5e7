import { describe, it, expect } from 'vitest';
import { stepTimes } from '../../src/analysis/step-times.js';
import type { StepRow } from '../../src/train/rows.js';

/** Rows of steps 1, 2, … that took these times. */
function rows(stepMs: number[], share: (step: number) => number = () => 0.5): StepRow[] {
  let clock = 0;
  return stepMs.map((step_ms, index) => {
    const step = index + 1;
    clock += step_ms / 1000;
    const norms = { loss: 5, lr: 0.1, grad_norm: 1, update_norm: 1 };
    const times = { step_ms, optimizer_share: share(step), train_time_s: clock, eval_time_s: 0 };
    return { step, tokens: step * 100, split: 'train', ...norms, ...times, tensors: 1, rss_bytes: 1 };
  });
}

describe('stepTimes', () => {
  it('leaves out the first step', () => {
    const times = stepTimes(rows([900, 10, 20, 30]), 1);
    expect(times.step_ms_mean).toBeCloseTo(20, 9);
    expect(times.step_ms_median).toBe(20);
    expect(times.tokens_per_s).toBeCloseTo(300 / 0.06, 6);
  });

  it('averages over whole periods, so that a refresh is spread over the steps it serves', () => {
    // A refresh of 40 ms every third step, 10 ms otherwise: 20 ms a step. Steps 2 and 3 do not make a whole period.
    const stepMs = [900, 10, 40, 10, 10, 40, 10, 10, 40];
    expect(stepTimes(rows(stepMs), 3).step_ms_mean).toBeCloseTo(20, 9);
    expect(stepTimes(rows(stepMs), 1).step_ms_mean).toBeCloseTo(170 / 8, 9);
    expect(stepTimes(rows(stepMs), 3).step_ms_median).toBe(10);
  });

  it('counts steps between two rows, too', () => {
    const sparse = rows([900, 10, 40, 10, 10, 40, 10, 10, 40]).filter(({ step }) => step % 3 === 0);
    expect(stepTimes(sparse, 3).step_ms_mean).toBeCloseTo(20, 9);
  });

  it('takes what there is of a run that is shorter than a period', () => {
    expect(stepTimes(rows([900, 10, 30]), 10).step_ms_mean).toBeCloseTo(20, 9);
  });

  it('weighs the optimizer by time', () => {
    // 10 ms at a half and 30 ms at three quarters: 27.5 of 40 ms. The first step would pull it down.
    const shares = rows([900, 10, 30], (step) => [0, 0.5, 0.75][step - 1]!);
    expect(stepTimes(shares, 1).optimizer_share_mean).toBeCloseTo(27.5 / 40, 9);
    expect(
      stepTimes(
        rows([900, 10, 30], () => NaN),
        1,
      ).optimizer_share_mean,
    ).toBeNull();
  });

  it('says nothing after a step or none', () => {
    const nothing = { step_ms_mean: null, step_ms_median: null, optimizer_share_mean: null, tokens_per_s: null };
    expect(stepTimes([], 1)).toEqual(nothing);
    expect(stepTimes(rows([900]), 1)).toEqual(nothing);
  });

  it('takes the middle of two for the median of an even number', () => {
    expect(stepTimes(rows([900, 10, 40, 20, 30]), 1).step_ms_median).toBe(25);
  });
});
