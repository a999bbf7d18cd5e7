import { groupBy } from '../../group-by.js';
import { baselineRow } from '../../analysis/over-baseline.js';
import type { StepTimeRow } from '../../results/step-time-row.js';
import type { Analysis } from '../../analysis/analysis.js';

/** A setting that was timed, and the baseline that it is held against. */
export interface ComparedRow {
  readonly row: StepTimeRow;
  readonly base: StepTimeRow;
}

/** The timed settings for which the baseline was timed, too, itself among them. */
export function comparedRows({ stepTimes, sweep: { baseline } }: TimedData): ComparedRow[] {
  return stepTimes.flatMap((row) => {
    const base = baselineRow(stepTimes, row, baseline);
    return base === undefined ? [] : [{ row, base }];
  });
}

/** Settings that differ in how often they refresh, by what they have in common. */
export function frequencyCurves(data: TimedData): Map<string, ComparedRow[]> {
  const refreshing = comparedRows(data).filter(({ row }) => !Number.isNaN(row.precondition_frequency));
  const curves = [...groupBy(refreshing, ({ row }) => withoutFrequency(row))].filter(([, rows]) => rows.length > 1);
  const byFrequency = (one: ComparedRow, other: ComparedRow) =>
    one.row.precondition_frequency - other.row.precondition_frequency;
  return new Map(curves.map(([title, rows]) => [title, rows.toSorted(byFrequency)]));
}

/** Of settings that differ in how often they refresh the one that is closest to every ten steps, as usual. */
export function usualRows(data: TimedData): ComparedRow[] {
  const distance = ({ row }: ComparedRow) => Math.abs(Math.log(row.precondition_frequency / 10));
  return [...groupBy(comparedRows(data), ({ row }) => withoutFrequency(row)).values()].map((rows) =>
    rows.reduce((one, other) => (distance(other) < distance(one) ? other : one)),
  );
}

/** What of a report is about step times. */
export type TimedData = Pick<Analysis, 'stepTimes' | 'sweep'>;

function withoutFrequency({ setting }: StepTimeRow): string {
  return setting.replace(/ precondition_frequency=\d+/, '');
}
