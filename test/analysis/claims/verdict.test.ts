import { describe, expect, it } from 'vitest';
import { judge, type Bounds, type Measured, type Verdict } from '../../../src/analysis/claims/verdict.js';

const measured = (value: number, low = value - 0.02, high = value + 0.02, n = 3): Measured => {
  return {
    value,
    low,
    high,
    n,
    note: Number.isNaN(value) ? 'not trained' : '',
    // Half as wide again for a claim on several settings.
    at: (level) => (level > 0.95 ? [value + 1.5 * (low - value), value + 1.5 * (high - value)] : [low, high]),
    toDecide: (bound) => (bound === 0.61 ? 'about 7 seeds' : undefined),
  };
};

const cases: [name: string, bounds: Bounds, measured: Measured, verdict: Verdict, why: string][] = [
  ['all of the interval below the bound', { at_most: 0.6 }, measured(0.57), 'holds', ''],
  ['the interval up to the bound', { at_most: 0.6 }, measured(0.57, 0.5, 0.6), 'holds', ''],
  [
    'the interval across the bound',
    { at_most: 0.6 },
    measured(0.59),
    'cannot be said',
    'the interval reaches across 0.6',
  ],
  [
    'a value on the other side, the interval across',
    { at_most: 0.6 },
    measured(0.61),
    'cannot be said',
    'the interval reaches across 0.6',
  ],
  ['all of the interval above', { at_most: 0.6 }, measured(0.7), 'does not hold', ''],
  ['an end beyond all that was trained', { at_most: 0.6 }, measured(0.7, 0.62, Infinity), 'does not hold', ''],
  ['an open end on the side of the claim', { at_most: 0.6 }, measured(0.52, 0, 0.55), 'holds', ''],
  ['a missed target with every seed', { at_most: 0.6 }, measured(Infinity, Infinity, Infinity), 'does not hold', ''],
  ['one seed', { at_most: 0.6 }, measured(0.3, NaN, NaN, 1), 'cannot be said', 'measured once, it has no interval'],
  [
    'several seeds that give no interval',
    { at_most: 0.6 },
    measured(0.3, NaN, NaN),
    'cannot be said',
    'it has no interval',
  ],
  ['nothing measured', { at_most: 0.6 }, measured(NaN, NaN, NaN, 0), 'cannot be said', 'not trained'],
  ['nothing measured, and no bound either', {}, measured(NaN), 'cannot be said', 'not trained'],
  ['a claim without a number', {}, measured(0.57), 'no bound in the paper', ''],
  ['a counted number at the bound', { at_most: 1 }, measured(1, NaN, NaN, 0), 'holds', ''],
  ['a counted number beyond it', { at_most: 1 }, measured(1.01, NaN, NaN, 0), 'does not hold', ''],
  ['a lower bound that is kept', { at_least: 1 }, measured(1.1), 'holds', ''],
  ['a lower bound that is missed', { at_least: 1 }, measured(0.9), 'does not hold', ''],
  [
    'a lower bound within the interval',
    { at_least: 1 },
    measured(1.01),
    'cannot be said',
    'the interval reaches across 1',
  ],
];

describe('the verdict on a claim', () => {
  it.each(cases)('%s', (_, bounds, number, verdict, why) => {
    expect(judge(bounds, number)).toEqual({ verdict, why });
  });

  it('says how many seeds would decide, where that is known', () => {
    expect(judge({ at_most: 0.61 }, measured(0.6))).toEqual({
      verdict: 'cannot be said',
      why: 'the interval reaches across 0.61; about 7 seeds would decide',
    });
  });

  it('takes more where a claim is held against several settings', () => {
    expect(judge({ at_most: 0.6 }, measured(0.575)).verdict).toBe('holds');
    expect(judge({ at_most: 0.6 }, measured(0.575), 5)).toEqual({
      verdict: 'cannot be said',
      why: 'the interval, corrected for 5 settings, reaches across 0.6',
    });
    expect(judge({ at_most: 0.6 }, measured(0.625), 5).verdict).toBe('cannot be said');
    expect(judge({ at_most: 0.6 }, measured(0.7), 5).verdict).toBe('does not hold');
  });
});
