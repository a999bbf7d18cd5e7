import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { chartsOf } from '../../src/report/charts/all-charts.js';
import { chartCsv } from '../../src/report/charts/chart-csv.js';
import { chartOption } from '../../src/report/charts/chart-option.js';
import type { Chart } from '../../src/report/charts/chart.js';
import { labelColors, palette } from '../../src/report/charts/colors.js';
import { chartSvg } from '../../src/report/charts/svg.js';
import { papers } from '../../src/report/charts/themes.js';
import { tuningChart } from '../../src/report/charts/tuning-chart.js';
import { readReport } from '../../src/report/report-data.js';
import { tuningTable } from '../../src/report/tables/tuning-table.js';
import { reportFiles, writeFiles } from '../../src/report/write-report.js';
import { tasksFile } from '../../src/results/tasks.js';
import { budgetsDirectory, settingsDirectory } from './contest.js';
import { experimentDirectory, quickstartSketch } from './helpers.js';
import { sweepDirectory, type TaskSketch } from './sweep-helpers.js';

const chartsIn = (directory: string) => new Map(chartsOf(readReport(directory)).map((chart) => [chart.id, chart]));

const pointsOf = ({ series }: Chart, name: string, what: string) =>
  series.find((one) => one.name === name && one.what === what)!.points;

describe('the charts of a report', () => {
  it('are those that there are data for', () => {
    expect([...chartsIn(experimentDirectory(quickstartSketch())).keys()]).toEqual([
      ...['loss-steps', 'loss-tokens', 'loss-time', 'iterations-to-target', 'time-to-target', 'step-time', 'memory'],
    ]);
    expect([...chartsIn(budgetsDirectory()).keys()]).toContain('efficiency');
    const settings = [...chartsIn(settingsDirectory()).keys()];
    expect(settings).toContain('learning-rate');
    expect(settings).toContain('precondition-frequency');
    expect(settings).not.toContain('efficiency');
  });

  it('draw the mean of the seeds and each of them', () => {
    const lines = (seed: number, end: number) => ({
      label: 'adamw',
      seed,
      losses: [
        [0, 7],
        [20, end],
      ] as [number, number][],
    });
    const chart = chartsIn(sweepDirectory([lines(0, 3), lines(1, 4)])).get('loss-tokens')!;
    expect(pointsOf(chart, 'adamw', 'mean')).toEqual([
      [0, 7],
      [2000, 3.5],
    ]);
    expect(pointsOf(chart, 'adamw', 'seed 1')).toEqual([
      [0, 7],
      [2000, 4],
    ]);
  });

  it('keep a miss as what it is, and draw it as a cross at the end of the axis', () => {
    const chart = chartsIn(settingsDirectory()).get('learning-rate')!;
    expect(pointsOf(chart, 'adamw', 'seed')).toEqual([
      [0.001, 4],
      [0.01, 3],
      [1, Infinity],
    ]);
    expect(pointsOf(chart, 'adamw', 'mean')).toEqual([
      [0.001, 4],
      [0.01, 3],
    ]);
    expect(chartCsv(chart)).toContain('adamw,seed,1,inf');
    const crosses = chartOption(chart).series.find((series) => 'symbol' in series) as unknown as { data: number[][] };
    expect(crosses.data).toEqual([[1, 4.08]]);
  });

  it('join points of one curve that were tuned to different values, and lose none', () => {
    const tried = [
      { frequency: 1, lr: 0.01, end: 3 },
      { frequency: 10, lr: 0.003, end: 3.5 },
      { frequency: 100, lr: 0.003, end: 4 },
    ];
    const prefix = 'optimizers.soap';
    const directory = sweepDirectory(
      tried.map(({ frequency, lr, end }): TaskSketch => ({
        label: 'soap',
        lr,
        options: { precondition_frequency: frequency },
        choices: { [`${prefix}.precondition_frequency`]: frequency, [`${prefix}.lr`]: lr },
        losses: [
          [0, 7],
          [20, end],
        ],
      })),
    );
    const pointsByCurve = () => {
      const chart = chartsIn(directory).get('precondition-frequency')!;
      const means = chart.series.filter(({ what }) => what === 'mean').map(({ name, points }) => [name, points]);
      return { means, caption: chart.caption };
    };
    // Asked for as they are, different rates are different curves.
    expect(pointsByCurve().means.map(([name]) => name)).toEqual(['soap lr=0.003']);
    const file = join(directory, tasksFile);
    const list = JSON.parse(readFileSync(file, 'utf8')) as { tasks: { config: unknown }[] };
    const tunings = tried.map(({ frequency }, index) => ({
      label: 'soap',
      choices: [{ key: `${prefix}.precondition_frequency`, value: frequency }],
      grid: [{ key: 'lr', values: [0.003, 0.01] }],
      protocol: 'grid',
      extend: false,
      tried: [],
      templates: [{ budget: [], seed: 0, config: list.tasks[index]!.config }],
    }));
    writeFileSync(file, JSON.stringify({ ...list, tunings }));
    const { means, caption } = pointsByCurve();
    expect(means).toEqual([['soap', tried.map(({ frequency, end }) => [frequency, end])]]);
    expect(caption).toContain('Options that were tuned have the value chosen for each point.');
  });

  it('put the fitted curves, the trainings and the baseline’s loss into one', () => {
    const data = readReport(budgetsDirectory());
    const chart = chartsOf(data).find(({ id }) => id === 'efficiency')!;
    expect(pointsOf(chart, 'soap', 'seed')).toHaveLength(10);
    const fit = pointsOf(chart, 'soap', 'fit');
    expect([fit[0]![0], fit.at(-1)![0]]).toEqual([20, 40]);
    const target = chart.lines[0]!.at;
    const row = data.efficiency.find(({ method, title }) => method === 'fit' && title === 'soap')!;
    expect(target).toBe(row.loss);
    // The drawn curve crosses the line where the table says.
    const after = fit.findIndex(([, loss]) => (loss as number) <= target);
    expect(fit[after]![0]).toBeGreaterThanOrEqual(row.steps!);
    expect(fit[after - 1]![0]).toBeLessThanOrEqual(row.steps!);
  });

  it('count steps to a common target by batch size, with the ideal beside', () => {
    const run = (batch: number, reach: number | undefined) => ({
      label: 'adamw',
      choices: { 'train.batch_tokens': batch },
      train: { batch_tokens: batch },
      losses: (reach === undefined
        ? [
            [0, 7],
            [20, 6],
          ]
        : [
            [0, 7],
            [reach, 5],
            [20, 4],
          ]) as [number, number][],
    });
    const chart = chartsIn(sweepDirectory([run(100, 16), run(200, 10), run(400, undefined)], 5)).get('critical-batch')!;
    expect(pointsOf(chart, 'adamw', 'mean')).toEqual([
      [100, 16],
      [200, 10],
    ]);
    expect(pointsOf(chart, 'adamw', 'seed')).toEqual([
      [100, 16],
      [200, 10],
      [400, Infinity],
    ]);
    expect(pointsOf(chart, 'ideal scaling', 'from adamw')).toEqual([
      [100, 16],
      [200, 8],
      [400, 4],
    ]);
  });

  it('take the baseline’s loss at the smallest batch, by curves through several lengths, where no number is given', () => {
    // Steps to the same loss are 1600 / batch · (1 + batch / 400), and 0.6 of that for soap.
    const lossAt = (factor: number, batch: number, n: number) =>
      2 + 8 * ((n * batch) / (factor * (1 + batch / 400)) / 1600) ** -0.5;
    const trained = (label: 'adamw' | 'soap', batch: number, full: number) =>
      [0.5, 0.625, 0.75, 1].map((share) => {
        const steps = full * share;
        // What all are held against lies a little below its own curve, which does not come to it.
        const off = label === 'adamw' && batch === 100 && share === 1 ? 0.004 : 0;
        return {
          label,
          steps,
          train: { batch_tokens: batch, steps },
          choices: { 'train.batch_tokens': batch, 'train.steps': steps },
          losses: [
            [0, 90],
            [steps, lossAt(label === 'adamw' ? 1 : 0.6, batch, steps) - off],
          ] as [number, number][],
        };
      });
    const sketches = [
      ...[...trained('adamw', 100, 160), ...trained('adamw', 200, 120), ...trained('adamw', 400, 40)],
      ...[...trained('soap', 100, 160), ...trained('soap', 200, 104), ...trained('soap', 400, 400)],
    ];
    const chart = chartsIn(sweepDirectory(sketches)).get('critical-batch')!;
    const rounded = (name: string) =>
      pointsOf(chart, name, 'mean').map(([batch, steps]) => [batch, Math.round(Number(steps))]);
    // At 200 adamw takes 1.5 / 1.25 of the tokens.
    expect(rounded('adamw')).toEqual([
      [100, 160],
      [200, 96],
    ]);
    // At 400 adamw’s trainings are too short for it, and soap’s too long.
    expect(pointsOf(chart, 'adamw', 'seed').at(-1)).toEqual([400, Infinity]);
    expect(rounded('soap')).toEqual([
      [100, 96],
      [200, 58],
    ]);
    expect(chart.caption).toContain('ends with at the smallest batch');
  });

  it('show the learning rates that were tried, by what else was tried with them', () => {
    const trial = (lr: number, loss: number | null, beta: number, isWinner = false) => ({
      ...({ id: `soap-${lr}`, seed: 0, state: 'finished', values: { lr, beta }, budget: 20, stage: 'grid' } as const),
      loss,
      isWinner,
      edges: isWinner ? [{ key: 'lr', side: 'largest' } as const] : [],
    });
    const tried = [trial(0.02, 3, 0.9, true), trial(0.01, 4, 0.9), trial(0.04, Infinity, 0.9), trial(0.08, null, 0.9)];
    const results = [{ title: 'soap', label: 'soap', chosen: undefined, tried: [...tried, trial(0.01, 5, 0.95)] }];
    const [chart] = tuningChart(results, new Map([['soap', '#e8590c']]));
    expect(pointsOf(chart!, 'soap beta=0.9', 'curve')).toEqual([
      [0.01, 4],
      [0.02, 3],
    ]);
    expect(pointsOf(chart!, 'soap beta=0.9', 'tried')).toEqual([
      [0.01, 4],
      [0.02, 3],
      [0.04, Infinity],
    ]);
    expect(pointsOf(chart!, 'soap beta=0.95', 'tried')).toEqual([[0.01, 5]]);
    expect(tuningChart([], new Map())).toEqual([]);
    const rows = tuningTable(results).rows.map((cells) => cells.map(({ text }) => text));
    expect(rows[0]).toEqual(['soap', 'lr=0.02 beta=0.9', '20', '3.000', 'chosen; lr is the largest tried']);
    expect(rows[2]!.slice(3)).toEqual(['diverged or failed', '']);
    expect(rows[3]!.slice(3)).toEqual(['unknown', '']);
  });

  it('split a step into model, optimizer and refreshes, which add up', () => {
    const chart = chartsIn(experimentDirectory(quickstartSketch())).get('step-time')!;
    const parts = ['forward and backward', 'optimizer', 'refreshes'].map(
      (what) => pointsOf(chart, 'adamw', what)[0]![0],
    );
    // Steps of 120 ms, of which the sketch gives a quarter to the optimizer.
    expect(parts.map((part) => (part as number).toFixed(6))).toEqual(['90.000000', '30.000000', '0.000000']);
    const soap = ['forward and backward', 'optimizer', 'refreshes'].map(
      (what) => pointsOf(chart, 'soap', what)[0]![0] as number,
    );
    expect(soap.reduce((sum, part) => sum + part)).toBeCloseTo((9 * 140 + 290) / 10, 6);
    expect(soap[1]).toBeCloseTo(0.25 * 140, 6);
  });

  it('have an SVG and a CSV of the same points', () => {
    for (const chart of chartsIn(budgetsDirectory()).values()) {
      expect(chartSvg(chart)).toMatch(/^<svg[\s\S]*<\/svg>$/);
      expect(chartSvg(chart)).toContain(chart.title);
      const records: string[][] = parse(chartCsv(chart));
      const points = chart.series.reduce((sum, { points: own }) => sum + own.length, 0);
      expect(records).toHaveLength(1 + points + chart.lines.length);
      expect(records[0]).toEqual(['series', 'what', chart.x.key, chart.y.key]);
    }
  });
});

describe('the colours', () => {
  it('are the same for an optimizer everywhere, and differ between labels', () => {
    const one = labelColors([
      ['adamw', 'adamw'],
      ['soap', 'soap'],
    ]);
    const other = labelColors([
      ['mine', 'lion'],
      ['soap', 'soap'],
      ['slow', 'soap'],
      ['soap', 'soap'],
    ]);
    expect(one.get('soap')).toBe(other.get('soap'));
    expect(new Set(other.values()).size).toBe(3);
  });

  it('can be told from the paper, white or dark', () => {
    for (const color of palette) {
      for (const { background } of Object.values(papers)) expect(contrast(color, background)).toBeGreaterThan(3);
    }
  });
});

/** As WCAG 2 defines it. */
function contrast(one: string, other: string): number {
  const luminance = (color: string) => {
    const [red, green, blue] = [1, 3, 5].map((at) => {
      const part = parseInt(color.slice(at, at + 2), 16) / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
  };
  const [low, high] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (high! + 0.05) / (low! + 0.05);
}

describe('the files of a report', () => {
  it('are the same for the same runs, whatever has been drawn before', () => {
    const directory = budgetsDirectory();
    const files = reportFiles([readReport(directory)]);
    expect([...reportFiles([readReport(directory)])]).toEqual([...files]);
    // Charts that stand in one page must not share names.
    const names = (id: string) => files.get(join('charts', `${id}.svg`))!.match(/class="[^"]+"/g)!;
    expect(names('memory').filter((name) => names('step-time').includes(name))).toEqual([]);
  });

  it('are a page, charts and tables, each in all forms', () => {
    const directory = budgetsDirectory();
    const folder = join(directory, 'report');
    const written = reportFiles([readReport(directory)]);
    writeFiles(written, folder);
    const files = [...written.keys()];
    expect(files[0]).toBe('report.html');
    const read = (name: string) => readFileSync(join(folder, name), 'utf8');
    expect(files.map(read).every((text) => text !== '')).toBe(true);
    for (const form of ['md', 'csv', 'tex', 'json']) expect(files).toContain(join('tables', `efficiency.${form}`));
    expect(read('tables/settings.md')).toMatch(/^\| setting \| lr \| n \|/);
    expect(read('tables/settings.md')).toMatch(/\| lion train.steps=40 \| 3 \| 1 \| diverged \|/);
    expect(read('tables/settings.tex')).toMatch(
      /\\toprule[\s\S]*soap train\.steps=40 & [\s\S]*\$\\pm\$[\s\S]*\\bottomrule/,
    );
    const objects = JSON.parse(read('tables/efficiency.json')) as Record<string, unknown>[];
    const row = readReport(directory).efficiency.find(({ title, method }) => title === 'soap' && method === 'fit')!;
    expect(objects[0]).toMatchObject({
      optimizer: 'soap',
      method: 'fit to its budgets',
      steps_ratio: row.steps_ratio.value,
    });
    rmSync(folder, { recursive: true });
  });
});
