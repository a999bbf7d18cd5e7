import { describe, expect, it } from 'vitest';
import { readReport } from '../../src/report/report-data.js';
import { noteOf } from '../../src/table/table.js';
import { tablesOf } from '../../src/report/tables/tables.js';
import { ratioOfRounds } from '../../src/analysis/over-baseline.js';
import { writeTimes } from '../step-time/rounds.js';
import { sweepDirectory, type TaskSketch } from './sweep-helpers.js';

type Ends = Readonly<Record<'value' | 'low' | 'high', number>>;

/** Two optimizers, three seeds, four lengths. */
function trainings(): string {
  const task = (label: string, seed: number, steps: number): TaskSketch => {
    const end = 2 + (label === 'soap' ? 7 + seed / 4 : 8) * steps ** -0.5;
    const losses: [number, number][] = [0, 0.5, 1].map((share) => [steps * share, 7 + (end - 7) * share]);
    return { label, seed, steps, choices: { 'train.steps': steps }, losses, status: { shared_machine: true } };
  };
  const each = [0, 1, 2].flatMap((seed) => [20, 25, 30, 40].map((steps) => ({ seed, steps })));
  return sweepDirectory(['adamw', 'soap'].flatMap((label) => each.map(({ seed, steps }) => task(label, seed, steps))));
}

/** Of the longest soap trainings, and of all trainings by every method of efficiency. */
function ratiosOf(folder: string) {
  const data = readReport(folder);
  const setting = data.summary.rows.find(({ title }) => title === 'soap train.steps=40')!;
  const ends = (name: 'steps_ratio' | 'time_ratio' | 'train_time_to_target_s'): Ends => {
    const { mean, low, high } = setting.statistics[name]!;
    return { value: mean, low, high };
  };
  const known = data.efficiency.filter(({ note }) => note === '');
  return {
    seconds: ends('train_time_to_target_s'),
    pairs: [
      { steps: ends('steps_ratio'), time: ends('time_ratio') },
      ...known.map(({ steps_ratio, time_ratio }) => ({ steps: steps_ratio, time: time_ratio })),
    ],
  };
}

function expectTimes({ steps, time }: { steps: Ends; time: Ends }, factor: number) {
  expect(steps.high).toBeGreaterThan(steps.low);
  for (const end of ['value', 'low', 'high'] as const) expect(time[end]).toBeCloseTo(factor * steps[end], 10);
}

describe('intervals of times', () => {
  it('are those of iterations where all rounds of timing agree', () => {
    const folder = trainings();
    writeTimes(folder, { adamw: '10 | 10 | 10', soap: '12 | 12 | 12' });
    const { pairs } = ratiosOf(folder);
    expect(pairs).toHaveLength(4);
    for (const pair of pairs) expectTimes(pair, 1.2);
  });

  it('are not wider for what slowed a whole round down, where they are ratios', () => {
    const folder = trainings();
    writeTimes(folder, { adamw: '10 | 10 | 10', soap: '12 | 12 | 12' });
    const { seconds: steady } = ratiosOf(folder);
    writeTimes(folder, { adamw: '10 | 20 | 10', soap: '12 | 24 | 12' });
    const { pairs, seconds } = ratiosOf(folder);
    for (const pair of pairs) expectTimes(pair, 1.2);
    expect(seconds.value).toBeCloseTo(steady.value, 10);
    expect(seconds.high).toBeGreaterThan(1.5 * steady.high);
  });

  it('hold the spread of the rounds besides that of the seeds', () => {
    const folder = trainings();
    writeTimes(folder, { adamw: '10 | 10 | 10 | 10 | 10', soap: '12 | 15 | 9 | 12 | 12' });
    const { pairs } = ratiosOf(folder);
    for (const { steps, time } of pairs.filter((pair) => pair.steps.low > 0 && pair.steps.high < Infinity)) {
      expect(time.value).toBeCloseTo((1.2 ** 3 * 1.5 * 0.9) ** 0.2 * steps.value, 10);
      // Beside the rounds alone: a little of another error also brings degrees of freedom.
      const alone = ratioOfRounds([12, 15, 9, 12, 12], [10, 10, 10, 10, 10]);
      expect(time.high / time.low).toBeGreaterThan(0.99 * (alone.high / alone.low));
      expect(time.high / time.low).toBeLessThan((alone.high / alone.low) * (steps.high / steps.low));
    }
    const tables = tablesOf(readReport(folder)).filter(({ id }) => id === 'settings' || id === 'efficiency');
    for (const table of tables) expect(noteOf(table)).toContain('also over the rounds in which steps were timed');
  });
});
