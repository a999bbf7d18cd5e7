import { median } from '../median.js';
import type { TimedStep } from '../results/read-run.js';

/** How long a step takes; null where there are too few rows to say. */
export interface StepTimes {
  readonly step_ms_mean: number | null;
  readonly step_ms_median: number | null;
  readonly optimizer_share_mean: number | null;
  readonly tokens_per_s: number | null;
}

/**
 * Step times without the first step, which holds warm-up work. The mean is over whole periods of the optimizer's
 * expensive work, so that every refresh is spread over the steps it serves; it comes from the training clock, so that it
 * also counts the steps between two rows.
 * @param rows Of metrics.csv, in the order of their steps.
 * @param period Steps between two refreshes; 1 for an optimizer that does the same at every step.
 */
export function stepTimes(rows: readonly TimedStep[], period: number): StepTimes {
  const whole = wholePeriods(rows, period);
  const later = rows.filter(({ step }) => step > 1).map(({ step_ms }) => step_ms);
  const step_ms_median = later.length === 0 ? null : median(later);
  if (whole === undefined) {
    return { step_ms_mean: null, step_ms_median, optimizer_share_mean: null, tokens_per_s: null };
  }
  const { start, last, seconds } = whole;
  return {
    step_ms_mean: meanStepMs(whole),
    step_ms_median,
    optimizer_share_mean: shareOfTime(rows.filter(({ step }) => step > start.step)),
    tokens_per_s: seconds > 0 ? (last.tokens - start.tokens) / seconds : null,
  };
}

/** `step_ms_mean` by itself. */
export function stepMsMean(rows: readonly TimedStep[], period: number): number | null {
  const whole = wholePeriods(rows, period);
  return whole === undefined ? null : meanStepMs(whole);
}

interface WholePeriods {
  readonly start: TimedStep;
  readonly last: TimedStep;
  readonly seconds: number;
}

function wholePeriods(rows: readonly TimedStep[], period: number): WholePeriods | undefined {
  const last = rows.at(-1);
  const start = last === undefined ? undefined : startOfPeriods(rows.slice(0, -1), last, period);
  if (last === undefined || start === undefined) return undefined;
  return { start, last, seconds: last.train_time_s - start.train_time_s };
}

function meanStepMs({ start, last, seconds }: WholePeriods): number {
  return (1000 * seconds) / (last.step - start.step);
}

/** The earliest row that lies whole periods before the last; a run shorter than a period takes what there is. */
function startOfPeriods(earlier: readonly TimedStep[], last: TimedStep, period: number): TimedStep | undefined {
  return earlier.find(({ step }) => (last.step - step) % period === 0) ?? earlier[0];
}

/** The optimizer's share of the time of all these steps together. */
function shareOfTime(rows: readonly TimedStep[]): number | null {
  const known = rows.filter(({ optimizer_share }) => Number.isFinite(optimizer_share));
  const total = known.reduce((sum, { step_ms }) => sum + step_ms, 0);
  if (total <= 0) return null;
  return known.reduce((sum, { step_ms, optimizer_share }) => sum + step_ms * optimizer_share, 0) / total;
}
