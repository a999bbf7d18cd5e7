import { plainStepRatio, stepRatio } from '../../analysis/over-baseline.js';
import { median } from '../../median.js';
import type { Chart, Point, Series } from '../charts/chart.js';
import type { ReportData } from '../report-data.js';
import { frequencyCurves, type ComparedRow } from './timed-rows.js';

/** By how much a step takes longer than one of the baseline, in percent. */
export function percentOver(ratio: number): number {
  return 100 * (ratio - 1);
}

/** Step time over the baseline's against how often the preconditioner is refreshed (the paper's figure 7, left). */
export function overheadChart(data: ReportData): Chart[] {
  const curves = frequencyCurves(data);
  if (curves.size === 0) return [];
  const series = [...curves].flatMap(([name, rows]) => curveSeries(name, rows, data));
  const frequencies = [...curves.values()].flat().map(({ row }) => row.precondition_frequency);
  const { baseline } = data.sweep;
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
      series,
      lines: [],
    },
  ];
}

function curveSeries(name: string, rows: readonly ComparedRow[], data: ReportData): Series[] {
  const color = data.colors.get(rows[0]!.row.label)!;
  const at = ({ row }: ComparedRow) => row.precondition_frequency;
  const ratios = rows.map((one) => ({ x: at(one), ratio: stepRatio(one.row, one.base) }));
  const floor = percentOver(plainFloor(rows));
  const ends = [at(rows[0]!), at(rows.at(-1)!)];
  return [
    {
      name,
      what: 'mean',
      color,
      shape: 'line' as const,
      opacity: 1,
      points: ratios.map(({ x, ratio }): Point => [x, percentOver(ratio.value)]),
    },
    {
      name,
      what: 'round',
      color,
      shape: 'points' as const,
      opacity: 0.8,
      points: ratios.flatMap(({ x, ratio }) => ratio.rounds.map((value): Point => [x, percentOver(value)])),
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
            points: ends.map((x): Point => [x, floor]),
          },
        ]),
  ];
}

/** A step without refresh over the baseline's: the median over all frequencies that have such steps, which are the same steps. */
export function plainFloor(rows: readonly ComparedRow[]): number {
  const known = rows.map(({ row, base }) => plainStepRatio(row, base).value).filter((value) => !Number.isNaN(value));
  return median(known);
}
