import type { ReportData } from '../report-data.js';
import type { SummaryRow } from '../../analysis/summary.js';
import type { SettingRow } from '../../analysis/sweep-summary.js';
import { mean } from '../../statistics/mean.js';
import type { Chart, Point, Series } from './chart.js';
import { runsOf } from '../../analysis/longest.js';

/** A part of a bar: the darker, the more it is the optimizer's own. */
interface Part {
  readonly name: string;
  readonly opacity: number;
  readonly of: (row: SettingRow, data: ReportData) => number | undefined;
}

/** Where the time of a step goes. */
export function stepTimeChart(data: ReportData): Chart[] {
  const isMeasured = data.sweep.runs.some(({ run }) => run.timed !== undefined);
  const parts: Part[] = [
    { name: 'forward and backward', opacity: 0.25, of: (row, from) => gradientMs(row, from) },
    { name: 'optimizer', opacity: 0.55, of: (row, from) => optimizerMs(row, from)?.usual },
    { name: 'refreshes', opacity: 1, of: (row, from) => optimizerMs(row, from)?.refreshes },
  ];
  return barChart(data, parts, {
    id: 'step-time',
    title: isMeasured ? 'Where a step’s time goes, measured apart from training' : 'Where a step’s time goes',
    caption:
      'Mean time of a step over whole periods of the optimizer. Light: forward and backward; darker: the optimizer; ' +
      'darkest: what its refreshes add, spread over the steps they serve.',
    name: 'ms a step',
    key: 'ms',
  });
}

/** What training has to hold besides activations. */
export function memoryChart(data: ReportData): Chart[] {
  const megabytes = (row: SettingRow, of: (task: SummaryRow) => number | null) => {
    const bytes = of(row.tasks[0]!.row);
    return bytes === null ? undefined : bytes / 1e6;
  };
  const floats = ({ parameters }: SummaryRow) => (parameters === null ? null : 4 * parameters);
  const parts: Part[] = [
    { name: 'weights', opacity: 0.2, of: (row) => megabytes(row, floats) },
    { name: 'gradients', opacity: 0.4, of: (row) => megabytes(row, floats) },
    { name: 'optimizer state', opacity: 1, of: (row) => megabytes(row, ({ state_bytes }) => state_bytes) },
  ];
  return barChart(data, parts, {
    id: 'memory',
    title: 'Memory',
    caption:
      'Float32 numbers kept from step to step. Light: weights; darker: gradients; darkest: the optimizer’s state.',
    name: 'MB',
    key: 'MB',
  });
}

function barChart(
  data: ReportData,
  parts: readonly Part[],
  { id, title, caption, name, key }: { id: string; title: string; caption: string; name: string; key: string },
): Chart[] {
  const bars = distinctBars(data, parts);
  if (bars.length === 0) return [];
  const series = parts.flatMap((part, index) =>
    bars.map(({ row, text, values }): Series => ({
      name: text,
      what: part.name,
      color: data.colors.get(row.label)!,
      shape: 'bars',
      opacity: part.opacity,
      stack: 'parts',
      points: [[values[index]!, text] as Point],
    })),
  );
  return [
    {
      id,
      title,
      caption,
      x: { key, name, scale: 'linear', zero: true },
      y: { key: 'setting', name: '', scale: 'category', categories: bars.map(({ text }) => text) },
      series,
      lines: [],
    },
  ];
}

/** A bar a setting; settings of a label that come to the same within a hundredth are one. */
function distinctBars(data: ReportData, parts: readonly Part[]) {
  const bars: { row: SettingRow; text: string; values: number[] }[] = [];
  for (const row of data.summary.rows) {
    const values = parts.map((part) => part.of(row, data));
    if (values.some((value) => value === undefined || !Number.isFinite(value))) continue;
    const known = values as number[];
    const same = bars.some(
      (bar) => bar.row.label === row.label && bar.values.every((value, i) => isClose(value, known[i]!)),
    );
    if (!same) bars.push({ row, text: row.title, values: known });
  }
  const alone = ({ label }: SettingRow) => bars.filter(({ row }) => row.label === label).length === 1;
  return bars.map((bar) => (alone(bar.row) ? { ...bar, text: bar.row.label } : bar));
}

function isClose(a: number, b: number): boolean {
  return Math.abs(a - b) <= 0.01 * Math.max(Math.abs(a), Math.abs(b));
}

/** A part of the mean step time, over the trainings that know it. */
function stepMs({ tasks }: SettingRow, part: (share: number) => number): number | undefined {
  const known = tasks.flatMap(({ row: { step_ms_mean, optimizer_share_mean } }) =>
    step_ms_mean === null || optimizer_share_mean === null ? [] : [step_ms_mean * part(optimizer_share_mean)],
  );
  return known.length === 0 ? undefined : mean(known);
}

/** Batch, forward and backward. */
function gradientMs(row: SettingRow, data: ReportData): number | undefined {
  const { timed } = runsOf(data, row)[0]!.run;
  return timed === undefined ? stepMs(row, (share) => 1 - share) : timed.step_ms_mean - timed.optimizer_ms;
}

/** The optimizer's time at a step without refresh (the median step), and what refreshes add to the mean. */
function optimizerMs(row: SettingRow, data: ReportData): { usual: number; refreshes: number } | undefined {
  const runs = runsOf(data, row);
  const { timed } = runs[0]!.run;
  const total = timed?.optimizer_ms ?? stepMs(row, (share) => share);
  if (total === undefined) return undefined;
  const period = runs[0]!.config.optimizers[row.label]!.precondition_frequency;
  // With a refresh at every step, or most, none is without.
  if (typeof period !== 'number' || period < 3) return { usual: total, refreshes: 0 };
  if (timed !== undefined) {
    const refreshes = Math.max(0, Math.min(total, timed.step_ms_mean - timed.step_ms_median));
    return { usual: total - refreshes, refreshes };
  }
  const times = runs.flatMap(({ run }) =>
    run.metrics.filter(({ step }) => step > 1).map((at) => at.step_ms * at.optimizer_share),
  );
  const sorted = Float64Array.from(times.filter(Number.isFinite)).sort();
  const usual = Math.min(total, sorted[Math.floor(sorted.length / 2)] ?? total);
  return { usual, refreshes: total - usual };
}
