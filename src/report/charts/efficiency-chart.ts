import { budgetGroups, longestLoss, type BudgetCurve } from '../../analysis/efficiency/budgets.js';
import { fittedLoss, type PowerLaw } from '../../analysis/efficiency/power-law.js';
import type { ReportData } from '../report-data.js';
import type { Chart, Point, ReferenceLine, Series } from './chart.js';
import { lossAxis } from './loss-charts.js';

// Points of a drawn curve.
const segments = 40;

/** Final losses of trainings of several lengths, the fitted curves, and the baseline's loss across (figure 2 of the paper). */
export function efficiencyCharts({ study, efficiency, colors }: ReportData): Chart[] {
  return budgetGroups(study).map(({ title, curves }, index): Chart => {
    const rows = efficiency.filter(({ group }) => group === title);
    const lawOf = (name: string) =>
      rows.find(
        (row) => (row.method === 'fit' && row.title === name) || (row.method === 'mirror' && row.baseline === name),
      )?.law;
    const shown = curves.filter(
      (curve) => curve.budgets.length > 1 || rows.some(({ baseline }) => baseline === curve.title),
    );
    const baseline = shown.find((curve) => rows.some((row) => row.baseline === curve.title));
    const at = baseline === undefined ? NaN : longestLoss(baseline);
    const across: ReferenceLine[] = Number.isFinite(at) ? [{ name: `${baseline!.title}, full`, axis: 'y', at }] : [];
    const ticks = [...new Set(shown.flatMap(({ budgets }) => budgets.map(({ steps }) => steps)))].toSorted(
      (a, b) => a - b,
    );
    return {
      id: index === 0 ? 'efficiency' : `efficiency-${index + 1}`,
      title: title === '' ? 'Final loss and length of training' : `Final loss and length of training, ${title}`,
      caption:
        'Each dot is a training of its own with its own schedule; curves are a + b·N^−β, fitted to the means, and end ' +
        'where the trainings end. Where a curve meets the line across, that optimizer needs that many steps for the ' +
        'baseline’s final loss.',
      x: { key: 'steps', name: 'steps of the training', scale: 'linear', ticks },
      y: { key: 'final_loss', name: lossAxis, scale: 'linear' },
      series: shown.flatMap((curve) => curveSeries(curve, colors.get(curve.label)!, lawOf(curve.title))),
      lines: across,
    };
  });
}

function curveSeries({ title, budgets }: BudgetCurve, color: string, law: PowerLaw | undefined): Series[] {
  const dots = budgets.flatMap(({ steps, runs }) => runs.map(({ loss }): Point => [steps, loss]));
  const points: Series = {
    name: title,
    what: 'seed',
    color,
    shape: 'points',
    opacity: 0.8,
    points: dots,
    missed: 'diverged',
  };
  if (law === undefined) return [points];
  const fitted = Array.from({ length: segments + 1 }, (_, i): Point => {
    const n = law.from + ((law.to - law.from) * i) / segments;
    return [n, fittedLoss(law, n)];
  });
  return [points, { name: title, what: 'fit', color, shape: 'line', opacity: 1, points: fitted }];
}
