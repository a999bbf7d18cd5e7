import { median } from '../median.js';
import type { StepTimeRow } from './step-time-row.js';

/** A step time over another one: the median over rounds, the smallest and the largest. */
export interface TimeRatio {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly rounds: readonly number[];
}

/** The row of the baseline that another one is held against: the one with the same batch and precision. */
export function baselineRow(rows: readonly StepTimeRow[], row: StepTimeRow, baseline: string): StepTimeRow | undefined {
  const same = rows.filter((one) => one.batch_tokens === row.batch_tokens && one.precision === row.precision);
  return same.find(({ label }) => label === baseline);
}

/** Round by round, so that what slowed a whole round down drops out. */
export function stepRatio(row: StepTimeRow, base: StepTimeRow): TimeRatio {
  return ratioOf(row.round_ms, base.round_ms);
}

/** The same of steps without refresh; NaN where each has one. */
export function plainStepRatio(row: StepTimeRow, base: StepTimeRow): TimeRatio {
  return ratioOf(row.round_median_ms, base.round_median_ms);
}

/** The times of `round_ms` or `round_median_ms`, one a round. */
export function roundTimes(text: string): number[] {
  return text.split(' ').map(Number);
}

function ratioOf(own: string, others: string): TimeRatio {
  const base = roundTimes(others);
  const rounds = roundTimes(own).map((ms, index) => ms / base[index]!);
  return { value: median(rounds), low: Math.min(...rounds), high: Math.max(...rounds), rounds };
}
