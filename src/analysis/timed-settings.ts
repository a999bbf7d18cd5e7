import { groupBy } from '../group-by.js';
import type { StepTimeRow } from '../results/step-time-row.js';
import { baselineRow } from './over-baseline.js';

/** A setting that was timed, and the baseline that it is compared with. */
export interface ComparedRow {
  readonly row: StepTimeRow;
  readonly base: StepTimeRow;
}

/** The timed settings for which the baseline was timed, too, itself among them. */
export function comparedRows(rows: readonly StepTimeRow[], baseline: string): ComparedRow[] {
  return rows.flatMap((row) => {
    const base = baselineRow(rows, row, baseline);
    return base === undefined ? [] : [{ row, base }];
  });
}

/** Settings that differ in how often they refresh, by what they have in common. */
export function frequencyCurves(rows: readonly StepTimeRow[], baseline: string): Map<string, ComparedRow[]> {
  const refreshing = comparedRows(rows, baseline).filter(({ row }) => !Number.isNaN(row.precondition_frequency));
  const curves = [...groupBy(refreshing, ({ row }) => withoutFrequency(row))].filter(([, own]) => own.length > 1);
  const byFrequency = (one: ComparedRow, other: ComparedRow) =>
    one.row.precondition_frequency - other.row.precondition_frequency;
  return new Map(curves.map(([title, own]) => [title, own.toSorted(byFrequency)]));
}

/** Of settings that differ in how often they refresh the one that is closest to every ten steps, as usual. */
export function usualRows(rows: readonly StepTimeRow[], baseline: string): ComparedRow[] {
  const distance = ({ row }: ComparedRow) => Math.abs(Math.log(row.precondition_frequency / 10));
  return [...groupBy(comparedRows(rows, baseline), ({ row }) => withoutFrequency(row)).values()].map((own) =>
    own.reduce((one, other) => (distance(other) < distance(one) ? other : one)),
  );
}

function withoutFrequency({ setting }: StepTimeRow): string {
  return setting.replace(/ precondition_frequency=\d+/, '');
}
