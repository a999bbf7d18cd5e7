import { describe, expect, it } from 'vitest';
import { measuredMemory, measuredStepTimes } from '../../../src/analysis/claims/measured-steps.js';
import { judge } from '../../../src/analysis/claims/verdict.js';
import { tQuantile } from '../../../src/statistics/student-t.js';
import type { StepTimeRow } from '../../../src/results/step-time-row.js';

const row = (label: string, precondition_frequency: number, round_ms: number[], more: Partial<StepTimeRow> = {}) =>
  ({
    label,
    precondition_frequency,
    round_ms,
    batch_tokens: 100,
    precision: 'float32',
    parameters: 10,
    optimizer_state_bytes: 80,
    ...more,
  }) as StepTimeRow;

// Plain steps of soap take 110 and 132 ms, refreshes 50 ms more.
const rows = [
  row('adamw', NaN, [100, 120], { round_median_ms: [100, 120] }),
  row('soap', 100, [110.5, 132.5], { round_median_ms: [110, 132] }),
  row('soap', 1, [160, 182], { round_median_ms: [NaN, NaN] }),
  row('soap', 10, [115, 137], { round_median_ms: [110, 132], optimizer_state_bytes: 200 }),
];
const claim = { measure: 'step_time', optimizer: 'soap', baseline: 'adamw', at_least: 1 } as const;

describe('claims on step times', () => {
  it('compare steps without refreshes round by round', () => {
    const found = measuredStepTimes({ ...claim, at: 'plain' }, rows);
    expect(found.value).toBeCloseTo(1.1, 10);
    expect([found.low, found.high]).toEqual([expect.closeTo(1.1, 10), expect.closeTo(1.1, 10)]);
    expect([found.where, found.n, judge(claim, found).verdict]).toEqual(['without refreshes', 2, 'holds']);
  });

  it('compare the most with the rarest refreshes', () => {
    const found = measuredStepTimes({ ...claim, at: 'falls' }, rows);
    const [often, rare] = [160 / 110.5, 182 / 132.5];
    expect(found.value).toBeCloseTo(Math.sqrt(often * rare), 10);
    const reach = Math.exp((tQuantile(0.975, 1) * Math.log(often / rare)) / 2);
    expect([found.low, found.high]).toEqual([
      expect.closeTo(found.value / reach, 10),
      expect.closeTo(found.value * reach, 10),
    ]);
    expect(found.where).toBe('every 1 over every 100 steps');
  });

  it('say what was not timed', () => {
    const notes = [
      measuredStepTimes({ ...claim, at: 'plain' }, []),
      measuredStepTimes({ ...claim, at: 'plain' }, rows.slice(1)),
      measuredStepTimes({ ...claim, at: 'falls' }, rows.slice(0, 2)),
      measuredMemory({ measure: 'memory', optimizer: 'soap', baseline: 'shampoo', at_most: 1 }, rows),
    ].map(({ value, note }) => [value, note]);
    expect(notes).toEqual([
      [NaN, 'no step of soap was timed'],
      [NaN, 'no step of adamw was timed'],
      [NaN, 'soap was timed at one refresh frequency only'],
      [NaN, 'no step of shampoo was timed'],
    ]);
  });

  it('have no interval of a single round', () => {
    const once = [
      row('adamw', NaN, [100], { round_median_ms: [100] }),
      row('soap', 10, [120], { round_median_ms: [120] }),
    ];
    const found = measuredStepTimes({ ...claim, at: 'plain' }, once);
    expect([found.value, judge(claim, found).verdict]).toEqual([1.2, 'cannot be said']);
  });
});

describe('claims on memory', () => {
  it('count gradients with the state, exactly', () => {
    const memory = { measure: 'memory', optimizer: 'soap', baseline: 'adamw', at_most: 1 } as const;
    const found = measuredMemory(memory, [
      row('adamw', NaN, [1]),
      row('soap', 10, [1], { optimizer_state_bytes: 140 }),
    ]);
    expect([found.value, found.n, judge(memory, found).verdict]).toEqual([180 / 120, 0, 'does not hold']);
  });
});
