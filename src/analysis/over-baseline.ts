import { logEstimate, type LogEstimate } from '../statistics/error-parts.js';
import { ratioInterval } from '../statistics/statistics.js';
import type { StepTimeRow } from '../results/step-time-row.js';

/** A step time over another one, from rounds in which both were timed. */
export interface TimeRatio {
  /** The geometric mean over rounds. */
  readonly value: number;
  /** Its 95% interval by Student's t over the rounds; NaN for a single one. */
  readonly low: number;
  readonly high: number;
  /** The ratio of each round. */
  readonly rounds: readonly number[];
  /** The logarithm with its error. */
  readonly log: LogEstimate;
}

/** The row of the baseline that another one is held against: the one with the same batch and precision. */
export function baselineRow(rows: readonly StepTimeRow[], row: StepTimeRow, baseline: string): StepTimeRow | undefined {
  const same = rows.filter((one) => one.batch_tokens === row.batch_tokens && one.precision === row.precision);
  return same.find(({ label }) => label === baseline);
}

/** Round by round, so that what slowed a whole round down drops out. */
export function stepRatio(row: StepTimeRow, base: StepTimeRow): TimeRatio {
  return ratioOfRounds(row.round_ms, base.round_ms);
}

/** The same of steps without refresh; NaN where each has one. */
export function plainStepRatio(row: StepTimeRow, base: StepTimeRow): TimeRatio {
  return ratioOfRounds(row.round_median_ms, base.round_median_ms);
}

/** @param own Milliseconds, one a round; `base` those of the other one in the same rounds. */
export function ratioOfRounds(own: readonly number[], base: readonly number[]): TimeRatio {
  const rounds = own.map((ms, index) => ms / base[index]!);
  const log = logEstimate(rounds, 'rounds');
  const [low, high] = ratioInterval(log.value, log.parts);
  return { value: Math.exp(log.value), low, high, rounds, log };
}
