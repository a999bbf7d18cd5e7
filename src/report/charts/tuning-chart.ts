import { groupBy } from '../../group-by.js';
import type { ReportData } from '../report-data.js';
import type { TriedSetting, TuningResult } from '../../analysis/tuning.js';
import type { Chart, Point, Series } from './chart.js';
import { lineShapes } from './colors.js';
import { lossAxis } from './loss-charts.js';

/** A curve of learning rates that were tried with the same values of everything else. */
interface Curve {
  readonly name: string;
  readonly label: string;
  readonly tried: readonly (TriedSetting & { readonly lr: number })[];
}

/** The learning rates that were tried, where some were tuned, of each optimizer. */
export function tuningChart(tuning: readonly TuningResult[], colors: ReportData['colors']): Chart[] {
  const curves = tuning.flatMap(curvesOf);
  const ticks = [...new Set(curves.flatMap(({ tried }) => tried.map(({ lr }) => lr)))].toSorted((a, b) => a - b);
  if (ticks.length < 2) return [];
  return [
    {
      id: 'tuning',
      title: 'Learning rates that were tried',
      caption:
        'Final validation loss with the seed that chose, by peak learning rate; a cross at the top diverged or failed. ' +
        'What was chosen is in the table above, and is compared with all seeds.',
      x: { key: 'lr', name: 'peak learning rate', scale: 'log', ticks },
      y: { key: 'final_loss', name: lossAxis, scale: 'linear' },
      series: curves.flatMap((curve, index) => {
        const before = curves.slice(0, index).filter(({ label }) => label === curve.label).length;
        return curveSeries(curve, colors.get(curve.label)!, lineShapes[before % lineShapes.length]!);
      }),
      lines: [],
    },
  ];
}

function curvesOf({ title, label, tried }: TuningResult): Curve[] {
  const known = tried.flatMap((trial) => {
    const { lr } = trial.values;
    return typeof lr === 'number' && trial.loss !== null ? [{ ...trial, lr }] : [];
  });
  const lengths = new Set(known.map(({ budget }) => budget)).size;
  const curves = groupBy(known, ({ values, budget }) => {
    const others = Object.entries(values).filter(([key]) => key !== 'lr');
    const texts = others.map(([key, value]) => `${key}=${JSON.stringify(value)}`);
    return [title, ...texts, ...(lengths > 1 ? [`train.steps=${budget}`] : [])].join(' ');
  });
  return [...curves].map(([name, own]) => ({ name, label, tried: own.toSorted((a, b) => a.lr - b.lr) }));
}

function curveSeries({ name, tried }: Curve, color: string, shape: Series['shape']): Series[] {
  const points = tried.map(({ lr, loss }): Point => [lr, loss!]);
  const finite = points.filter(([, loss]) => (loss as number) < Infinity);
  return [
    { name, what: 'curve', color, shape, opacity: 1, points: finite },
    { name, what: 'tried', color, shape: 'points', opacity: 1, points, missed: 'diverged or failed' },
  ];
}
