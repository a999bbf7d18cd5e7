import { criticalBatch } from '../../analysis/efficiency/critical-batch.js';
import { groupBy } from '../../group-by.js';
import { lossText } from '../../format.js';
import type { ReportData } from '../report-data.js';
import type { Chart, Point, Series } from './chart.js';
import { lineColor } from './colors.js';
import { runsOf } from '../../analysis/longest.js';

/** What an optimizer needs at a batch size, by its fastest setting there; Infinity where it has not come to the loss. */
interface BatchPoint {
  readonly label: string;
  readonly batch: number;
  readonly steps: number;
  readonly seeds: readonly number[];
}

/**
 * Steps to a loss against batch size, as in the paper's figure 4, with the line of ideal scaling: half of the steps with
 * twice the batch. The loss is the same for all batch sizes: a numeric target, or what the baseline ends with at the
 * smallest one.
 */
export function criticalBatchChart(data: ReportData): Chart[] {
  const { target, baseline } = data.summary;
  if (typeof target === 'number') {
    return chartOf(data, measuredPoints(data), `Steps to a validation loss of ${target}, of each optimizer’s fastest`);
  }
  const fitted = criticalBatch(data.study);
  if (fitted === undefined) return [];
  const points = fitted.points.flatMap(({ label, batch_tokens, steps, seeds }): BatchPoint[] => {
    const numbers = seeds.filter((seed) => typeof seed === 'number');
    // Shorter than every training: how much shorter is not known.
    if (steps === 'shorter') return [];
    return [{ label, batch: batch_tokens, steps: steps === 'longer' ? Infinity : steps, seeds: numbers }];
  });
  const what =
    `Steps to the loss that ${baseline} ends with at the smallest batch (${lossText(fitted.loss)}), from curves through ` +
    'trainings of several lengths that are not extrapolated, of each optimizer’s fastest';
  return chartOf(data, points, what);
}

/** What trainings passed the target after, by batch size. */
function measuredPoints(data: ReportData): BatchPoint[] {
  const settings = data.summary.rows.flatMap((row): BatchPoint[] => {
    const { config } = runsOf(data, row)[0]!;
    const statistics = row.statistics.steps_to_target;
    const seeds = row.tasks.map(({ row: { steps_to_target } }) => steps_to_target).filter((steps) => steps !== null);
    const { label } = row;
    return statistics === undefined ? [] : [{ label, batch: config.train.batch_tokens, steps: statistics.mean, seeds }];
  });
  return [...groupBy(settings, ({ label, batch }) => `${label} ${batch}`).values()].map((same) =>
    same.reduce((one, other) => (other.steps < one.steps ? other : one)),
  );
}

function chartOf({ colors }: ReportData, points: readonly BatchPoint[], what: string): Chart[] {
  const batches = [...new Set(points.map(({ batch }) => batch))].toSorted((a, b) => a - b);
  if (batches.length < 2) return [];
  const series = [...groupBy(points, ({ label }) => label)].flatMap(([label, own]) =>
    curveSeries(
      label,
      colors.get(label)!,
      own.toSorted((a, b) => a.batch - b.batch),
      batches,
    ),
  );
  return [
    {
      id: 'critical-batch',
      title: 'Steps and batch size',
      caption:
        `${what} setting by batch size; dots are seeds. Dashed: half of the steps with twice the batch. Where a curve ` +
        'leaves its dashed line, larger batches stop paying.',
      x: { key: 'batch_tokens', name: 'tokens a batch', scale: 'log', ticks: batches },
      y: { key: 'steps_to_target', name: 'steps', scale: 'log' },
      series,
      lines: [],
    },
  ];
}

function curveSeries(label: string, color: string, own: readonly BatchPoint[], batches: readonly number[]): Series[] {
  const look = { name: label, color, missed: 'not reached' };
  const means = own.filter(({ steps }) => steps < Infinity).map(({ batch, steps }): Point => [batch, steps]);
  const missed = own.filter(({ steps, seeds }) => steps === Infinity && seeds.length === 0);
  const seeds = [
    ...own.flatMap(({ batch, seeds: each }) => each.map((steps): Point => [batch, steps])),
    ...missed.map(({ batch }): Point => [batch, Infinity]),
  ];
  const [batch, steps] = means[0] ?? [];
  const ideal = batches.map((size): Point => [size, ((steps as number) * (batch as number)) / size]);
  return [
    { ...look, what: 'mean', shape: 'line', opacity: 1, points: means },
    { ...look, what: 'seed', shape: 'points', opacity: 0.8, points: seeds },
    ...(means.length < 2
      ? []
      : [
          {
            name: 'ideal scaling',
            what: `from ${label}`,
            color: lineColor,
            shape: 'dashed',
            opacity: 0.7,
            points: ideal,
          } as const,
        ]),
  ];
}
