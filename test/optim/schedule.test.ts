import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scheduleFactor, scheduleSchema, type Schedule } from '../../src/optim/schedule.js';

const steps = 100;
const schedule = (words: object): Schedule => scheduleSchema.parse(words);
const factors = (words: object, calls: readonly number[]) =>
  calls.map((call) => scheduleFactor(schedule(words), call, steps));

describe('scheduleFactor', () => {
  it.each(['constant', 'linear', 'cosine', 'wsd'])('%s warms up in a straight line to 1', (name) => {
    const [first, half, peak] = factors({ name, warmup_steps: 20 }, [1, 10, 20]);
    expect(first).toBeCloseTo(0.05, 12);
    expect(half).toBeCloseTo(0.5, 12);
    expect(peak).toBeCloseTo(1, 12);
  });

  it.each([
    ['constant', 1],
    ['linear', 0],
    ['cosine', 0.1],
    ['wsd', 0],
  ])('%s ends at %f of the peak by default', (name, end) => {
    expect(factors({ name }, [steps])[0]).toBeCloseTo(end, 12);
    expect(factors({ name, warmup_steps: 30 }, [steps])[0]).toBeCloseTo(end, 12);
  });

  it.each(['linear', 'cosine', 'wsd'])('%s ends at final_fraction', (name) => {
    expect(factors({ name, warmup_steps: 10, final_fraction: 0.25 }, [steps])[0]).toBeCloseTo(0.25, 12);
  });

  it('has the shape of its name half way', () => {
    const half = [60]; // half way from 20 to 100
    expect(factors({ name: 'linear', warmup_steps: 20, final_fraction: 0.2 }, half)[0]).toBeCloseTo(0.6, 12);
    expect(factors({ name: 'cosine', warmup_steps: 20, final_fraction: 0.2 }, half)[0]).toBeCloseTo(0.6, 12);
    const quarter = factors({ name: 'cosine', warmup_steps: 20, final_fraction: 0 }, [40])[0]!;
    expect(quarter).toBeCloseTo((1 + Math.SQRT1_2) / 2, 12);
    const stable = factors({ name: 'wsd', decay_fraction: 0.2 }, [1, 50, 80, 90]);
    expect(stable).toEqual([1, 1, 1, 0.5]);
  });

  it('stays between the final fraction and 1, and falls after the warm-up', () => {
    const names = fc.constantFrom('constant', 'linear', 'cosine', 'wsd');
    fc.assert(
      fc.property(names, fc.integer({ min: 0, max: 40 }), fc.integer({ min: 41, max: 200 }), (name, warmup, length) => {
        const shape = schedule({ name, warmup_steps: warmup });
        const all = Array.from({ length }, (_, i) => scheduleFactor(shape, i + 1, length));
        expect(all.every((factor) => factor >= 0 && factor <= 1 + 1e-12)).toBe(true);
        const after = all.slice(Math.max(0, warmup - 1));
        expect(after.every((factor, i) => i === 0 || factor <= after[i - 1]! + 1e-12)).toBe(true);
      }),
      { numRuns: 50, seed: 1 },
    );
  });
});
