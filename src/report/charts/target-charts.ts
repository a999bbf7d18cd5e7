import type { ReportData } from '../report-data.js';
import { meanReached } from '../../analysis/mean-reached.js';
import type { SettingRow } from '../../analysis/summary.js';
import type { SummaryRow } from '../../analysis/comparison.js';
import type { Chart, Point, Series } from './chart.js';
import { plural } from '../../format.js';

/** Iterations and training time to the target: a row a setting, a dot a seed, misses as crosses at the end. */
export function targetCharts(data: ReportData): Chart[] {
  const isMeasured = data.study.runs.some(({ run }) => run.timed !== undefined);
  const charts = [
    targetChart(data, 'iterations-to-target', 'Iterations to the target', 'steps_to_target', 'iterations to target'),
    targetChart(
      data,
      'time-to-target',
      isMeasured ? 'Training time to the target, by step times measured apart' : 'Training time to the target',
      'train_time_to_target_s',
      'training time to target, s',
    ),
  ];
  return charts.filter(({ series }) => series.length > 0);
}

function targetChart(
  { summary, colors }: ReportData,
  id: string,
  title: string,
  measure: 'steps_to_target' | 'train_time_to_target_s',
  name: string,
): Chart {
  const known = summary.rows.filter(({ tasks }) => tasks.some(({ row }) => row[measure] !== null));
  const series = known.flatMap((row) => settingSeries(row, colors.get(row.label)!, measure));
  const what =
    summary.target === 'baseline_final'
      ? `the final loss of ${summary.baseline} with the same seed`
      : `a validation loss of ${summary.target}`;
  return {
    id,
    title,
    caption: `Until ${what}. A dot is a seed, a bar the mean of those that reached it; a cross did not reach it, or diverged.`,
    x: { key: measure, name, scale: 'linear', zero: true },
    y: { key: 'setting', name: '', scale: 'category', categories: known.map((row) => row.title) },
    series,
    lines: [],
  };
}

function settingSeries(
  setting: SettingRow,
  color: string,
  measure: 'steps_to_target' | 'train_time_to_target_s',
): Series[] {
  const { title, tasks } = setting;
  const seeds = tasks.filter(({ row }) => row[measure] !== null);
  const middle = meanReached(setting, measure);
  const misses = seeds.filter(({ row }) => row[measure] === Infinity);
  const dots = seeds.map(({ row }): Series => ({
    name: title,
    what: `seed ${row.seed}`,
    color,
    shape: 'points',
    opacity: 1,
    // Crosses lie upon each other: the first one speaks for all.
    missed: row === misses[0]?.row ? missText(row, misses.length, seeds.length) : '',
    points: [[row[measure]!, title] as Point],
  }));
  if (middle === undefined) return dots;
  const bar: Series = {
    name: title,
    what: 'mean',
    color,
    shape: 'bars',
    opacity: 0.3,
    stack: 'means',
    points: [[middle, title]],
  };
  return [bar, ...dots];
}

function missText({ state, steps_done }: SummaryRow, misses: number, seeds: number): string {
  if (misses < seeds) return `${misses} of ${seeds}`;
  if (state === 'diverged') return 'diverged';
  return state === 'running' ? 'not yet' : `not in ${plural(steps_done, 'step')}`;
}
