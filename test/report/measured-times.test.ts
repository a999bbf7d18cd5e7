import { describe, expect, it } from 'vitest';
import { readStudy } from '../../src/results/study.js';
import { efficiencyOf } from '../../src/analysis/efficiency/efficiency.js';
import { chartsOf } from '../../src/report/charts/all-charts.js';
import { measurementFacts } from '../../src/report/page/facts.js';
import { readReport } from '../../src/report/report-data.js';
import { summarize } from '../../src/analysis/summary.js';
import { tasksCsv } from '../../src/report/csv/runs-csv.js';
import { noteOf } from '../../src/table/table.js';
import { tablesOf } from '../../src/report/tables/tables.js';
import { writeTimes } from '../step-time/rounds.js';
import { experimentDirectory } from './helpers.js';
import { lineTo, trainingsOfThreeLengths } from './sweep-helpers.js';

const measured = { adamw: '10', soap: '12 12 12 20R' };

describe('step times measured apart', () => {
  it('make the time ratio of efficiency, also of trainings beside others; what went by stays', () => {
    const folder = trainingsOfThreeLengths(true);
    const before = efficiencyOf(readStudy(folder)).filter(({ note }) => note === '');
    expect(before.map(({ time_ratio }) => time_ratio.value)).toEqual(before.map(() => NaN));
    writeTimes(folder, measured);
    const rows = efficiencyOf(readStudy(folder)).filter(({ note }) => note === '');
    expect(rows.length).toBeGreaterThan(0);
    for (const { steps_ratio, time_ratio, elapsed_ratio } of rows) {
      expect(time_ratio.value).toBeCloseTo(1.4 * steps_ratio.value, 10);
      expect(elapsed_ratio.value).toBeNaN();
    }
    const alone = trainingsOfThreeLengths(false);
    const elapsed = () => efficiencyOf(readStudy(alone)).map(({ elapsed_ratio }) => elapsed_ratio.value);
    const wentBy = elapsed();
    writeTimes(alone, measured);
    expect(elapsed()).toEqual(wentBy);
  });

  it('make the times to the target of a sweep, and its tables and charts say so', () => {
    const folder = trainingsOfThreeLengths(true);
    writeTimes(folder, measured);
    const data = readReport(folder);
    const [adamw, soap] = data.summary.rows.map(({ tasks }) => tasks[0]!.row);
    expect(adamw).toMatchObject({ measured_step_ms: 10, train_time_to_target_s: 0.2, time_ratio: 1 });
    expect(soap!.train_time_to_target_s).toBeCloseTo(soap!.steps_to_target! * 0.014, 10);
    expect(soap!.time_ratio).toBeCloseTo(soap!.steps_ratio! * 1.4, 10);
    expect(data.summary.rows[1]!.statistics.time_ratio?.mean).toBeCloseTo(soap!.time_ratio!, 10);
    expect(tasksCsv(data.summary)).toContain('shared_machine,measured_step_ms,note');

    const tables = new Map(tablesOf(data).map((table) => [table.id, table]));
    expect(noteOf(tables.get('settings')!)).not.toContain('trained beside it');
    const runs = tables.get('runs')!;
    expect(noteOf(runs)).toContain('measured apart from training');
    const step = runs.columns.findIndex(({ title }) => title === 'time\na step');
    expect(runs.rows.slice(0, 2).map((row) => row[step])).toEqual([
      { text: '10 ms', value: 10 },
      { text: '14 ms', value: 14 },
    ]);

    expect(runs.columns[step]!.key).toBe('measured_step_ms');

    const charts = new Map(chartsOf(data).map((chart) => [chart.id, chart]));
    expect(charts.get('time-to-target')!.title).toContain('by step times measured apart');
    expect(charts.get('step-time')!.title).toContain('measured apart from training');
    const parts = charts.get('step-time')!.series.map(({ name, what, points }) => [name, what, points[0]![0]]);
    expect(parts).toEqual([
      ['adamw', 'forward and backward', 8],
      ['soap', 'forward and backward', 8],
      ['adamw', 'optimizer', 2],
      ['soap', 'optimizer', 4],
      ['adamw', 'refreshes', 0],
      ['soap', 'refreshes', 2],
    ]);
    const curve = charts.get('loss-time')!.series.find(({ name }) => name.startsWith('soap'))!;
    expect(curve.points.map(([x]) => x)).toEqual([0, 0.14, 0.28]);
    const fact = measurementFacts(data).find(([term]) => term === 'time')!;
    expect(fact[1]).toContain('of one round on a CPU, 2 threads, 2025-01-31');
  });

  it('count for all settings or for none', () => {
    const folder = trainingsOfThreeLengths(true);
    writeTimes(folder, { adamw: '10' });
    const data = readReport(folder);
    const { summary } = data;
    expect(measurementFacts(data).find(([term]) => term === 'time')![1]).toContain('does not have all settings');
    expect(summary.rows.flatMap(({ tasks }) => tasks).every(({ row }) => row.measured_step_ms === null)).toBe(true);
    expect(summary.rows[1]!.tasks[0]!.row.time_ratio).toBeNull();
  });

  it('count in an experiment of one training each, too', () => {
    const stepMs = Array.from({ length: 20 }, () => 100);
    const folder = experimentDirectory({
      steps: 20,
      runs: { adamw: { losses: lineTo(3), stepMs }, soap: { losses: lineTo(2), stepMs } },
    });
    expect(summarize(readStudy(folder)).comparisons[0]!.rows[1]!.time_ratio).toBeCloseTo(0.75, 10);
    writeTimes(folder, { adamw: '10', soap: '20' });
    expect(
      summarize(readStudy(folder)).comparisons[0]!.rows.map((row) => [row.measured_step_ms, row.time_ratio]),
    ).toEqual([
      [10, 1],
      [20, expect.closeTo(1.5, 10)],
    ]);
  });
});
