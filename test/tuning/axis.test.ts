import { describe, expect, it } from 'vitest';
import { combinations, grown, hasBeyond, mostAdded, sideOf, type Axis } from '../../src/tuning/axis.js';

const axis = (...values: unknown[]): Axis => ({ key: 'lr', values, added: 0 });
const positive = (value: number) => value > 0;
const wholeNumber = (value: number) => Number.isInteger(value) && value >= 1;

/** The values that are added when the best one is always the outermost. */
function growth(start: Axis, side: 'smallest' | 'largest', admits = positive): unknown[] {
  let now = start;
  for (let next: Axis | undefined = now; next !== undefined; next = grown(now, side, admits)) now = next;
  return now.values.slice(start.values.length);
}

describe('a grid', () => {
  it('has every combination, the last option fastest', () => {
    const settings = combinations([axis(1, 2), { key: 'wd', values: [0, true], added: 0 }]);
    expect(settings).toEqual([
      { lr: 1, wd: 0 },
      { lr: 1, wd: true },
      { lr: 2, wd: 0 },
      { lr: 2, wd: true },
    ]);
  });

  it('has edges where it has two numbers, in whatever order they stand', () => {
    expect(sideOf(3, [2, 1, 3])).toBe('largest');
    expect(sideOf(1, [2, 1, 3])).toBe('smallest');
    expect(sideOf(2, [2, 1, 3])).toBeUndefined();
    expect(sideOf(2, [2, 2])).toBeUndefined();
    expect(sideOf(2, [2, 'qr', null])).toBeUndefined();
    expect(sideOf(true, [true, false])).toBeUndefined();
  });

  it('grows by its ratio, at most four values', () => {
    expect(growth(axis(1e-3, 3.16e-3, 1e-2), 'largest')).toEqual([0.0316, 0.1, 0.316, 1]);
    expect(growth(axis(1e-2, 1e-3, 3.16e-3), 'smallest')).toEqual([3.16e-4, 1e-4, 3.16e-5, 1e-5]);
    expect(growth(axis(3, 6), 'largest')).toEqual([12, 24, 48, 96]);
    expect(growth(axis(3, 6), 'largest')).toHaveLength(mostAdded);
  });

  it('counts what is added on both sides together', () => {
    const twice = grown(grown(axis(1, 10), 'largest', positive)!, 'smallest', positive)!;
    expect(twice.values).toEqual([1, 10, 100, 0.1]);
    expect(growth(twice, 'smallest')).toEqual([0.01, 0.001]);
  });

  it('grows by whole numbers where the option takes no others, and not beyond what it takes', () => {
    expect(growth(axis(2, 3), 'largest', wholeNumber)).toEqual([5, 7, 10, 15]);
    expect(growth(axis(4, 16), 'smallest', wholeNumber)).toEqual([1]);
    expect(growth(axis(0.9, 0.95), 'largest', (value) => value < 1)).toEqual([]);
    expect(growth(axis(0, 1), 'largest')).toEqual([]);
  });

  it('ends where the option takes nothing more', () => {
    const decay = (value: number) => value >= 0;
    expect(hasBeyond(0, 'smallest', decay)).toBe(false);
    expect(hasBeyond(1e-9, 'smallest', decay)).toBe(true);
    expect(hasBeyond(0.1, 'largest', decay)).toBe(true);
    expect(hasBeyond(1, 'smallest', wholeNumber)).toBe(false);
    expect(hasBeyond(2, 'smallest', wholeNumber)).toBe(true);
    expect(hasBeyond(100, 'largest', wholeNumber)).toBe(true);
    expect(hasBeyond(0.99, 'largest', (value) => value < 1)).toBe(true);
  });
});
