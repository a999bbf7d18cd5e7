import { extent } from '../../extent.js';
import type { Run } from '../../results/read-run.js';
import type { EvaluationRow } from '../../train/rows.js';
import { countText } from '../../format.js';
import type { ReportData } from '../report-data.js';
import { finiteEvaluations, meanCurve } from '../../analysis/mean-curve.js';
import { runState } from '../../results/status.js';
import type { SettingRow } from '../../analysis/summary.js';
import type { Axis, Chart, LineShape, Point, Series } from './chart.js';
import { lineShapes } from './colors.js';
import { highlightedSettings } from './highlights.js';
import { runsOf } from '../../analysis/longest.js';
import { steepPart } from '../steep-part.js';
import { thinned } from './thinned.js';

export const lossAxis = 'validation loss, nats a token';

/** Against what loss is drawn. */
interface Progress {
  readonly id: string;
  readonly title: string;
  readonly axis: Axis;
  readonly at: (row: EvaluationRow, run: Run) => number;
  readonly note: string;
}

/** Validation loss against steps, tokens and training time. */
export function lossCharts(data: ReportData): Chart[] {
  const batches = [...new Set(data.study.runs.map(({ config }) => config.train.batch_tokens))];
  const perStep =
    batches.length === 1 ? ` A step has ${countText(batches[0]!)} tokens.` : ' Steps differ in their tokens here.';
  const isMeasured = data.study.runs.some(({ run }) => run.timed !== undefined);
  const progress: Progress[] = [
    {
      id: 'loss-steps',
      title: 'Loss against iterations',
      axis: { key: 'step', name: 'steps', scale: 'linear' },
      at: ({ step }) => step,
      note: perStep,
    },
    {
      id: 'loss-tokens',
      title: 'Loss against tokens',
      axis: { key: 'tokens', name: 'training tokens', scale: 'linear' },
      at: ({ tokens }) => tokens,
      note: '',
    },
    {
      id: 'loss-time',
      title: 'Loss against time',
      axis: { key: 'train_time_s', name: 'training time, s', scale: 'linear' },
      at: ({ step, train_time_s }, { timed }) => (timed ? (step * timed.step_ms_mean) / 1000 : train_time_s),
      note: isMeasured
        ? ' Time is steps times the step times that were measured apart from training.'
        : ' Evaluation and start-up are not in the time.',
    },
  ];
  return data.summary.rows.every((row) => runsOf(data, row).every(({ run }) => run.evaluations.length < 2))
    ? []
    : progress.map((against) => lossChart(data, against));
}

function lossChart(data: ReportData, { id, title, axis, at, note }: Progress): Chart {
  const { summary, colors } = data;
  const shown = highlightedSettings(data);
  const background = summary.rows.filter((row) => !shown.has(row));
  const series = [
    ...background.flatMap((row) =>
      meanSeries(data, row, at, { color: colors.get(row.label)!, shape: 'line', opacity: 0.22 }),
    ),
    ...[...shown].flatMap((row) =>
      settingCurves(data, row, at, { color: colors.get(row.label)!, shape: dashes(row, shown) }),
    ),
  ];
  const several = summary.rows.some(({ tasks }) => tasks.length > 1);
  const caption = [
    `Validation loss${several ? ', mean over seeds; thin lines are single seeds' : ''}.`,
    background.length === 0
      ? ''
      : ` In full the best setting of each optimizer, the ${background.length} others in the background.`,
    ' A cross is the end of a training that diverged or stopped early.',
    note,
  ].join('');
  const targets = new Map(
    [...shown].flatMap(({ tasks }) =>
      tasks.flatMap(({ row }) => (row.target === null ? [] : [[row.target, 'target'] as const])),
    ),
  );
  return {
    id,
    title,
    caption,
    x: axis,
    y: { key: 'loss', name: lossAxis, scale: 'linear', ...clipped(series) },
    series: series.map((one) => ({ ...one, points: thinned(one.points) })),
    lines: targets.size === 1 ? [...targets].map(([value, name]) => ({ name, axis: 'y', at: value })) : [],
  };
}

function settingCurves(
  data: ReportData,
  row: SettingRow,
  at: Progress['at'],
  { color, shape }: Pick<Series, 'color' | 'shape'>,
): Series[] {
  const runs = runsOf(data, row);
  const seeds = runs.map(({ seed, run }): Series => ({
    name: row.title,
    what: `seed ${seed}`,
    color,
    shape: 'line',
    opacity: 0.35,
    points: finiteEvaluations(run).map((evaluation): Point => [at(evaluation, run), evaluation.loss]),
  }));
  const ended = runs.filter(({ run }) => ['diverged', 'failed', 'interrupted'].includes(runState(run.status)));
  const crosses = ended.flatMap(({ run }) =>
    finiteEvaluations(run)
      .slice(-1)
      .map((last): Point => [at(last, run), last.loss]),
  );
  return [
    ...(runs.length > 1 ? seeds : []),
    ...meanSeries(data, row, at, { color, shape, opacity: 1 }),
    ...(crosses.length === 0
      ? []
      : [{ name: row.title, what: 'ended early', color, shape: 'crosses', opacity: 1, points: crosses } as const]),
  ];
}

/** Settings of one label have one colour, and each its dashes. */
function dashes(row: SettingRow, shown: ReadonlySet<SettingRow>): LineShape {
  const own = [...shown].filter(({ label }) => label === row.label);
  return lineShapes[own.indexOf(row) % lineShapes.length]!;
}

/** The mean over the seeds. */
function meanSeries(
  data: ReportData,
  row: SettingRow,
  at: Progress['at'],
  look: Pick<Series, 'color' | 'shape' | 'opacity'>,
): Series[] {
  const runs = runsOf(data, row).filter(({ run }) => run.evaluations.length > 0);
  const points = meanCurve(
    runs.map(({ run }) => run),
    at,
  );
  if (points.length === 0) return [];
  const what = runs.length > 1 ? 'mean' : `seed ${runs[0]!.seed}`;
  return [{ name: row.title, what, points, ...look }];
}

/** Up to the highest loss after the steep part. */
function clipped(series: readonly Series[]): { max?: number } {
  const curves = series.filter(({ opacity, shape }) => shape !== 'crosses' && opacity === 1);
  const [, end] = extent(curves.flatMap(({ points }) => points.map(([x]) => x as number)));
  const later = curves.flatMap(({ points }) => points.filter(([x]) => (x as number) >= steepPart * end));
  const losses = later.map(([, y]) => y as number);
  if (losses.length < 2) return {};
  const [low, high] = extent(losses);
  return { max: Number((high + 0.05 * (high - low)).toPrecision(3)) };
}
