import type { ReportData } from '../report-data.js';
import type { SummaryRow } from '../../analysis/comparison.js';
import type { SettingRow } from '../../analysis/summary.js';
import { stepParts } from '../../analysis/step-parts.js';
import type { Chart, Point, Series } from './chart.js';

/** A part of a bar: the darker, the more it is the optimizer's own. */
interface Part {
  readonly name: string;
  readonly opacity: number;
  readonly of: (row: SettingRow) => number | undefined;
}

/** Where the time of a step goes. */
export function stepTimeChart(data: ReportData): Chart[] {
  const isMeasured = data.study.runs.some(({ run }) => run.timed !== undefined);
  const parts: Part[] = [
    { name: 'forward and backward', opacity: 0.25, of: (row) => stepParts(data, row)?.gradient_ms },
    { name: 'optimizer', opacity: 0.55, of: (row) => stepParts(data, row)?.optimizer_ms },
    { name: 'refreshes', opacity: 1, of: (row) => stepParts(data, row)?.refresh_ms },
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
    const values = parts.map((part) => part.of(row));
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
