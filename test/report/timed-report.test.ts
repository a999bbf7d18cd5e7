import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { chartsOf } from '../../src/report/charts/all-charts.js';
import { chartCsv } from '../../src/report/charts/chart-csv.js';
import { environmentFacts, measurementFacts } from '../../src/report/page/facts.js';
import { pageContent } from '../../src/report/page/sections.js';
import { readReport } from '../../src/report/report-data.js';
import { noteOf } from '../../src/table/table.js';
import { tablesOf } from '../../src/report/tables/tables.js';
import { tQuantile } from '../../src/statistics/student-t.js';
import { stepTimeRow } from '../../src/step-time/summarize-rounds.js';
import { writeStepTimes } from '../../src/results/step-times-csv.js';
import { timedSettings } from '../../src/step-time/timed-settings.js';
import { roundOf } from '../step-time/rounds.js';
import { sweepDirectory, type TaskSketch } from './sweep-helpers.js';

const soap = (frequency: number): TaskSketch => ({
  label: 'soap',
  notStarted: true,
  options: { precondition_frequency: frequency },
  choices: { 'optimizers.soap.precondition_frequency': frequency },
});

/** Two rounds; the second one is slower for all. */
const rounds: Record<string, [string, string]> = {
  adamw: ['10 10', '20 20'],
  'soap precondition_frequency=1': ['20R 20R', '42R 42R'],
  'soap precondition_frequency=10': ['11 11 11 19R', '22 22 22 38R'],
  'soap precondition_frequency=100': ['11 11 11 13R', '22 22 22 26R'],
};

/** A folder in which nothing was trained. */
function timedFolder(tasks: TaskSketch[], times = rounds): string {
  const folder = sweepDirectory([{ label: 'adamw', notStarted: true }, ...tasks]);
  const rows = timedSettings(folder).map((setting) => {
    const [first, second] = times[setting.setting]!;
    return stepTimeRow(setting, [roundOf(first), roundOf(second, { busy: 0.04 })]);
  });
  writeStepTimes(folder, rows);
  return folder;
}

describe('a report of what was only timed', () => {
  const report = () => readReport(timedFolder([soap(1), soap(10), soap(100)]));

  it('says in a sentence what a step takes', () => {
    expect(report().headline).toBe(
      'A step of soap takes 1.30× adamw’s at a refresh every 10 steps, 1.10× without refreshes.',
    );
  });

  it('draws the overhead by refresh frequency, its rounds, and what remains without refreshes', () => {
    const charts = chartsOf(report());
    expect(charts.map(({ id }) => id)).toEqual(['overhead', 'step-time', 'memory']);
    const [chart] = charts;
    expect([chart!.x.scale, chart!.x.ticks]).toEqual(['log', [1, 10, 100]]);
    const rows = parse<Record<string, string>>(chartCsv(chart!), { columns: true });
    const pointsOf = (what: string) =>
      rows
        .filter((row) => row.what === what)
        .map((row) => [Number(row.precondition_frequency), Number(Number(row.overhead_percent).toFixed(6))]);
    expect(pointsOf('mean')).toEqual([
      [1, 104.939015],
      [10, 30],
      [100, 15],
    ]);
    expect(pointsOf('round').slice(0, 2)).toEqual([
      [1, 100],
      [1, 110],
    ]);
    expect(pointsOf('without refreshes')).toEqual([
      [1, 10],
      [100, 10],
    ]);
  });

  it('has tables of times, of overheads, and none of trainings', () => {
    const tables = new Map(tablesOf(report()).map((table) => [table.id, table]));
    expect([...tables.keys()]).toEqual(['step-times', 'overhead', 'space-and-time']);
    const textsOf = (id: string) => tables.get(id)!.rows.map((row) => row.map(({ text }) => text));
    expect(textsOf('overhead')).toEqual([
      // Twice and 2.1 times in two rounds: Student's t with one degree of freedom reaches far.
      ['soap', '1', '104.9%', '50.3%', '179.4%', '–'],
      ['soap', '10', '30.0%', '30.0%', '30.0%', '10.0%'],
      ['soap', '100', '15.0%', '15.0%', '15.0%', '10.0%'],
    ]);
    const texts = ['soap precondition_frequency=1', '31 ms', '2.05× [1.50, 2.79]', '20 ms', '42 ms', '–', '–'];
    expect(textsOf('step-times')[1]!.slice(0, texts.length)).toEqual(texts);
  });

  it('says how it was measured and how to do so again', () => {
    const data = report();
    const facts = new Map([...measurementFacts(data), ...environmentFacts(data)]);
    expect([facts.get('step'), facts.get('seeds')]).toEqual(['100 tokens; float32; nothing was trained', undefined]);
    expect(facts.get('time')).toBe(
      'medians of 2 rounds on a CPU, 2 threads, 2025-01-31; others took 4% of the processors at most',
    );
    expect(facts.get('soap-bench')).toBe('commit abcdef0123');
    const html = pageContent([data]).sections.map((section) => section.html);
    expect(html.some((text) => text.includes('npx soap-bench time config.yaml'))).toBe(true);
    expect(html.some((text) => text.includes('not finished') || text.includes('not started'))).toBe(false);
    expect(html[0]).toContain('4 settings, timed and not trained');
  });
});

describe('space and time', () => {
  it('hold the paper’s formulas against what was held, counted and timed', () => {
    const variant = (label: string, options: object): TaskSketch => ({
      label,
      notStarted: true,
      options: { optimizer: 'soap', ...options },
    });
    const tasks = [
      variant('soap', {}),
      variant('small', { second_moment: 'factorized', one_sided: true }),
      { label: 'lion', notStarted: true },
    ];
    const times: Record<string, [string, string]> = { adamw: ['10', '20'], soap: ['12', '26'], small: ['11', '21'] };
    const folder = timedFolder(tasks, { ...times, lion: ['9', '18'] });
    const table = tablesOf(readReport(folder)).find(({ id }) => id === 'space-and-time')!;
    const rows = parse<Record<string, string>>(table.csv, { columns: true });
    expect(rows.map(({ setting, paper_space, paper_time }) => [setting, paper_space, paper_time])).toEqual([
      ['adamw', '3mn', ''],
      ['soap', '2m² + 2n² + 3mn', 'm³ + n³ + 2m²n + 2n²m'],
      ['small', '2·min(m,n)² + 2mn', 'min²·max + 2·min³'],
      ['lion', '', ''],
    ]);
    // Of 100 parameters with a gradient each, 400 bytes of state by the paper and 800 that are held.
    expect(rows[1]).toMatchObject({ paper_floats: '200', held_floats: '300', paper_flops_over_adamw: '70' });
    expect(rows[1]).toMatchObject({ graph_flops_over_baseline: '0', decomposition_flops: '30' });
    // The geometric mean of 1.2 and 1.3, and e to the power of 12.7 times the error of their logarithms.
    const reach = Math.exp((tQuantile(0.975, 1) * Math.log(1.3 / 1.2)) / 2);
    const middle = Math.sqrt(1.2 * 1.3);
    expect([rows[1]!.step_ratio_low, rows[1]!.step_ratio_high].map(Number)).toEqual([
      expect.closeTo(middle / reach, 10),
      expect.closeTo(middle * reach, 10),
    ]);
    expect(table.rows[1]!.at(-1)!.text).toBe('1.25× [0.75, 2.08]');
    expect(noteOf(table)).toContain('one matrix of 3d×d');
  });
});
