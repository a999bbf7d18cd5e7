import { describe, expect, it } from 'vitest';
import { efficiencyOf } from '../../src/analysis/efficiency/efficiency.js';
import { readReport } from '../../src/report/report-data.js';
import { noteOf } from '../../src/table/table.js';
import { tablesOf } from '../../src/report/tables/tables.js';
import { readStudy } from '../../src/results/study.js';
import { sweepDirectory, trainingsOfThreeLengths, type TaskSketch } from './sweep-helpers.js';

describe('trainings beside others', () => {
  it('have efficiency in iterations as ever, and none in time', () => {
    const rowsOf = (shared: boolean) => efficiencyOf(readStudy(trainingsOfThreeLengths(shared)));
    const [alone, beside] = [rowsOf(false), rowsOf(true)];
    expect(alone.length).toBeGreaterThan(0);
    expect(beside.map(({ steps_ratio }) => steps_ratio.value)).toEqual(
      alone.map(({ steps_ratio }) => steps_ratio.value),
    );
    for (const { time_ratio, elapsed_ratio, note } of beside.filter((row) => row.note === '')) {
      expect([time_ratio.value, elapsed_ratio.value, note]).toEqual([NaN, NaN, '']);
    }
    const known = alone.filter(({ note }) => note === '');
    expect(known.map(({ time_ratio }) => Number.isFinite(time_ratio.value))).toEqual(known.map(() => true));
    expect(known.length).toBeGreaterThan(0);
  });

  it('have no times in the tables of a report, which say why', () => {
    const tables = new Map(tablesOf(readReport(trainingsOfThreeLengths(true))).map((table) => [table.id, table]));
    const [settings, runs] = [tables.get('settings')!, tables.get('runs')!];
    expect([settings, runs].every((table) => noteOf(table).includes('trained beside it'))).toBe(true);
    const textsOf = ({ columns, rows }: typeof settings, title: string) => {
      const index = columns.findLastIndex((column) => column.title === title);
      return rows.map((row) => row[index]!.text);
    };
    // Rows of adamw and soap take turns.
    expect(textsOf(settings, 'time\nover baseline').map((text) => text === '–')).toEqual([
      false,
      true,
      false,
      true,
      false,
      true,
    ]);
    expect(textsOf(runs, 'time\na step')).toEqual(['20 ms', '–', '20 ms', '–', '20 ms', '–']);
  });

  it('have no column of what went by, and the table of efficiency says why', () => {
    const tableOf = (shared: boolean) =>
      tablesOf(readReport(trainingsOfThreeLengths(shared))).find(({ id }) => id === 'efficiency')!;
    const [alone, beside] = [tableOf(false), tableOf(true)];
    const without = alone.columns.filter(({ title }) => title !== 'elapsed\nover baseline');
    expect(without.length).toBe(alone.columns.length - 1);
    expect(beside.columns).toEqual(without);
    expect(noteOf(alone)).toContain('elapsed is training and evaluation');
    expect(noteOf(beside)).toContain('what went by is no measure here');
  });

  it('are not blamed where there is no number at all', () => {
    const task = (label: string, steps: number): TaskSketch => {
      const end = label === 'soap' ? 5 : 4;
      return {
        label,
        steps,
        choices: { 'train.steps': steps },
        losses: [
          [0, 7],
          [steps, end],
        ],
      };
    };
    const folder = sweepDirectory([20, 40].flatMap((steps) => [task('adamw', steps), task('soap', steps)]));
    const { efficiency, ...data } = readReport(folder);
    expect(efficiency.length).toBeGreaterThan(0);
    expect(efficiency.every(({ note }) => note !== '')).toBe(true);
    const table = tablesOf({ efficiency, ...data }).find(({ id }) => id === 'efficiency')!;
    expect(noteOf(table)).not.toContain('trained beside');
  });
});
