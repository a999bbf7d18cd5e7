import { median } from '../median.js';
import { mean } from '../statistics/mean.js';
import type { Analysis } from './analysis.js';
import { runsOf } from './longest.js';
import type { SettingRow } from './summary.js';

/** Where the time of a mean step goes, in milliseconds. */
export interface StepParts {
  /** Batch, forward and backward. */
  readonly gradient_ms: number;
  /** The optimizer at a step without refresh. */
  readonly optimizer_ms: number;
  /** What refreshes add, spread over the steps that they serve. */
  readonly refresh_ms: number;
}

/** The parts of a setting's step, from step times that were measured apart where there are some; undefined where nothing is known. */
export function stepParts(analysis: Analysis, row: SettingRow): StepParts | undefined {
  const runs = runsOf(analysis, row);
  const [{ run, config }] = runs as [(typeof runs)[number]];
  const period = config.options.precondition_frequency;
  // With a refresh at every step, or most, none is without.
  const hasPlainSteps = typeof period === 'number' && period >= 3;
  if (run.timed !== undefined) {
    const { step_ms_mean, step_ms_median, optimizer_ms } = run.timed;
    const refresh_ms = hasPlainSteps ? Math.max(0, Math.min(optimizer_ms, step_ms_mean - step_ms_median)) : 0;
    return { gradient_ms: step_ms_mean - optimizer_ms, optimizer_ms: optimizer_ms - refresh_ms, refresh_ms };
  }
  const [gradient, optimizer] = [meanMs(row, (share) => 1 - share), meanMs(row, (share) => share)];
  if (gradient === undefined || optimizer === undefined) return undefined;
  const later = runs.flatMap(({ run: { metrics } }) => metrics.filter(({ step }) => step > 1));
  const plain = median(later.map((at) => at.step_ms * at.optimizer_share).filter(Number.isFinite));
  const usual = hasPlainSteps && !Number.isNaN(plain) ? Math.min(optimizer, plain) : optimizer;
  return { gradient_ms: gradient, optimizer_ms: usual, refresh_ms: optimizer - usual };
}

/** A share of the mean step time, over the runs that know it. */
function meanMs({ tasks }: SettingRow, part: (share: number) => number): number | undefined {
  const known = tasks.flatMap(({ row: { step_ms_mean, optimizer_share_mean } }) =>
    step_ms_mean === null || optimizer_share_mean === null ? [] : [step_ms_mean * part(optimizer_share_mean)],
  );
  return known.length === 0 ? undefined : mean(known);
}
