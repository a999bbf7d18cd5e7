import { groupBy } from '../../group-by.js';
import { settingText } from '../../config/setting-text.js';
import type { ReportData } from '../report-data.js';
import type { SettingRow } from '../../analysis/summary.js';
import type { Axis, Chart, Point, Series } from './chart.js';
import { lineShapes } from './colors.js';
import { stepsOf } from '../../analysis/longest.js';
import { runsOf } from '../../analysis/longest.js';
import { lossAxis } from './loss-charts.js';

/** What a sweep varies, against what came of it. */
interface Sensitivity {
  readonly id: string;
  readonly title: string;
  readonly caption: string;
  readonly axis: Omit<Axis, 'ticks'>;
  /** The value of a setting; undefined where it has none. */
  readonly value: (row: SettingRow, data: ReportData) => number | undefined;
  /** Whether a choice is the one on the axis, so that curves go along it. */
  readonly isAlong: (key: string) => boolean;
}

const sensitivities: readonly Sensitivity[] = [
  {
    id: 'learning-rate',
    title: 'Final loss and learning rate',
    caption:
      'Final validation loss by peak learning rate; dots are seeds, lines their means, a cross at the top diverged.',
    axis: { key: 'lr', name: 'peak learning rate', scale: 'log' },
    value: ({ tasks }) => tasks[0]!.row.lr,
    isAlong: (key) => key.endsWith('.lr'),
  },
  {
    id: 'precondition-frequency',
    title: 'Final loss and how often the preconditioner is refreshed',
    caption:
      'Final validation loss by steps between two refreshes; dots are seeds, lines their means, a cross at the top diverged. ' +
      'Across: the baseline.',
    axis: { key: 'precondition_frequency', name: 'steps between two refreshes', scale: 'log' },
    value: (row, data) => {
      const frequency = runsOf(data, row)[0]!.config.options.precondition_frequency;
      return typeof frequency === 'number' ? frequency : undefined;
    },
    isAlong: (key) => key.endsWith('.precondition_frequency'),
  },
];

/** Final loss against learning rate and refresh frequency, where settings differ in them. */
export function sensitivityCharts(data: ReportData): Chart[] {
  return sensitivities.flatMap((sensitivity) => sensitivityChart(data, sensitivity));
}

function sensitivityChart(data: ReportData, { id, title, caption, axis, value, isAlong }: Sensitivity): Chart[] {
  const { summary, colors } = data;
  const tuned = tunedKeys(data);
  const settings = summary.rows.flatMap((row) => {
    const at = value(row, data);
    return at === undefined || row.statistics.final_loss === undefined ? [] : [{ row, at }];
  });
  const curves = groupBy(settings, ({ row }) =>
    settingText(
      row.label,
      row.choices.filter(({ key }) => !isAlong(key) && !tuned.has(key)),
    ),
  );
  const varied = [...curves].filter(([, points]) => new Set(points.map(({ at }) => at)).size > 1);
  if (varied.length === 0) return [];
  const series = varied.flatMap(([name, points], index) => {
    const { label } = points[0]!.row;
    const before = varied.slice(0, index).filter(([, others]) => others[0]!.row.label === label).length;
    const look = { name, color: colors.get(label)!, shape: lineShapes[before % lineShapes.length]! };
    return sensitivitySeries(
      look,
      points.toSorted((a, b) => a.at - b.at),
    );
  });
  const shown = varied.flatMap(([, points]) => points.map(({ row }) => row));
  const fixed = id === 'learning-rate' ? [] : baselineLines(data, shown);
  const isTuned = shown.some(({ choices }) => choices.some(({ key }) => tuned.has(key) && !isAlong(key)));
  const ticks = [...new Set(varied.flatMap(([, points]) => points.map(({ at }) => at)))].toSorted((a, b) => a - b);
  const y: Axis = { key: 'final_loss', name: lossAxis, scale: 'linear' };
  const text = isTuned ? `${caption} Options that were tuned have the value chosen for each point.` : caption;
  return [{ id, title, caption: text, x: { ...axis, ticks }, y, series, lines: fixed }];
}

/** Options chosen by their loss: their values belong to a point, and set no curves apart. */
function tunedKeys({ study }: ReportData): ReadonlySet<string> {
  return new Set(study.tunings.flatMap(({ label, grid }) => grid.map(({ key }) => `optimizers.${label}.${key}`)));
}

function sensitivitySeries(
  { name, color, shape }: Pick<Series, 'name' | 'color' | 'shape'>,
  settings: readonly { row: SettingRow; at: number }[],
): Series[] {
  const finite = settings.filter(({ row }) => row.statistics.final_loss!.mean < Infinity);
  const means = finite.map(({ row, at }): Point => [at, row.statistics.final_loss!.mean]);
  const seeds = settings.flatMap(({ row, at }) =>
    row.tasks.flatMap(({ row: { final_loss, state } }): Point[] =>
      final_loss === null || (state !== 'finished' && state !== 'diverged') ? [] : [[at, final_loss]],
    ),
  );
  return [
    { name, what: 'mean', color, shape, opacity: 1, points: means },
    { name, what: 'seed', color, shape: 'points', opacity: 0.8, points: seeds, missed: 'diverged' },
  ];
}

/** The baseline's loss across, when all that is shown has the same length. */
function baselineLines({ summary }: ReportData, shown: readonly SettingRow[]) {
  const lengths = new Set(shown.map(stepsOf));
  const baselines = summary.rows.filter(
    (row) =>
      row.isBaseline && !shown.includes(row) && lengths.has(stepsOf(row)) && row.statistics.final_loss !== undefined,
  );
  if (lengths.size !== 1 || baselines.length !== 1) return [];
  const { title, statistics } = baselines[0]!;
  const at = statistics.final_loss!.mean;
  return Number.isFinite(at) ? [{ name: title, axis: 'y' as const, at }] : [];
}
