import { overheadCurves, type OverheadCurve } from '../../analysis/step-overhead.js';
import type { Chart, Point, Series } from '../charts/chart.js';
import type { ReportData } from '../report-data.js';

/** Step time over the baseline's against how often the preconditioner is refreshed (the paper's figure 7, left). */
export function overheadChart({ study: { stepTimes, baseline }, colors }: ReportData): Chart[] {
  const curves = overheadCurves(stepTimes, baseline);
  if (curves.length === 0) return [];
  const frequencies = curves.flatMap(({ rows }) => rows.map((row) => row.precondition_frequency));
  return [
    {
      id: 'overhead',
      title: `Step time over ${baseline}’s and how often the preconditioner is refreshed`,
      caption:
        `By how many percent a step takes longer than ${baseline}’s; dots are rounds of timing, lines their means. ` +
        'Dashed: what remains without refreshes, from the steps between them.',
      x: {
        key: 'precondition_frequency',
        name: 'steps between two refreshes',
        scale: 'log',
        ticks: [...new Set(frequencies)].toSorted((a, b) => a - b),
      },
      y: { key: 'overhead_percent', name: `% over ${baseline}`, scale: 'linear', zero: true },
      series: curves.flatMap((curve) => curveSeries(curve, colors.get(curve.label)!)),
      lines: [],
    },
  ];
}

function curveSeries({ title: name, rows, floor_percent: floor }: OverheadCurve, color: string): Series[] {
  const ends = [rows[0]!, rows.at(-1)!];
  return [
    {
      name,
      what: 'mean',
      color,
      shape: 'line',
      opacity: 1,
      points: rows.map((row): Point => [row.precondition_frequency, row.overhead_percent]),
    },
    {
      name,
      what: 'round',
      color,
      shape: 'points',
      opacity: 0.8,
      points: rows.flatMap((row) => row.rounds.map((percent): Point => [row.precondition_frequency, percent])),
    },
    ...(Number.isNaN(floor)
      ? []
      : [
          {
            name,
            what: 'without refreshes',
            color,
            shape: 'dashed' as const,
            opacity: 0.7,
            points: ends.map((row): Point => [row.precondition_frequency, floor]),
          },
        ]),
  ];
}
