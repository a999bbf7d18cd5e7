import { describe, expect, it } from 'vitest';
import { efficiencyOf } from '../../src/efficiency/efficiency.js';
import { readReport } from '../../src/report/report-data.js';
import { tablesOf } from '../../src/report/tables.js';
import { readSweep } from '../../src/run/read-sweep.js';
import { sweepDirectory, type TaskSketch } from './sweep-helpers.js';

/** Trainings of three lengths; soap's had company if it is said so. */
function trainings(shared_machine: boolean): string {
  const lengths = [20, 30, 40];
  const task = (label: string, steps: number): TaskSketch => {
    const end = label === 'soap' ? 2 + 5 * steps ** -0.5 : 2 + 8 * steps ** -0.5;
    return {
      ...{ label, steps, choices: { 'train.steps': steps } },
      losses: [0, 0.5, 1].map((share) => [steps * share, 7 + (end - 7) * share]),
      stepMs: Array.from({ length: steps }, () => 20),
      status: label === 'soap' ? { shared_machine } : {},
    };
  };
  return sweepDirectory(lengths.flatMap((steps) => [task('adamw', steps), task('soap', steps)]));
}

describe('trainings beside others', () => {
  it('have efficiency in iterations as ever, and none in time', () => {
    const rowsOf = (shared: boolean) => efficiencyOf(readSweep(trainings(shared)));
    const [alone, beside] = [rowsOf(false), rowsOf(true)];
    expect(alone.length).toBeGreaterThan(0);
    expect(beside.map(({ steps_ratio }) => steps_ratio)).toEqual(alone.map(({ steps_ratio }) => steps_ratio));
    for (const { time_ratio, elapsed_ratio, note } of beside.filter((row) => row.note === '')) {
      expect([time_ratio.value, elapsed_ratio.value, note]).toEqual([NaN, NaN, '']);
    }
    const known = alone.filter(({ note }) => note === '');
    expect(known.map(({ time_ratio }) => Number.isFinite(time_ratio.value))).toEqual(known.map(() => true));
    expect(known.length).toBeGreaterThan(0);
  });

  it('have no times in the tables of a report, which say why', () => {
    const tables = new Map(tablesOf(readReport(trainings(true))).map((table) => [table.id, table]));
    const [settings, runs] = [tables.get('settings')!, tables.get('runs')!];
    expect([settings.note, runs.note].every((note) => note.includes('trained beside it'))).toBe(true);
    const textsOf = ({ columns, rows }: typeof settings, title: string) => {
      const index = columns.findLastIndex((column) => column.title === title);
      return rows.map((row) => row[index]!.text);
    };
    // Rows of adamw and soap take turns.
    expect(textsOf(settings, 'over baseline').map((text) => text === '–')).toEqual([
      false,
      true,
      false,
      true,
      false,
      true,
    ]);
    expect(textsOf(runs, 'a step')).toEqual(['20 ms', '–', '20 ms', '–', '20 ms', '–']);
  });
});
