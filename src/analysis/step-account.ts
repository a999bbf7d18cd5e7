import type { StepTimeRow } from '../results/step-time-row.js';
import { stepRatio, type TimeRatio } from './over-baseline.js';
import { usualRows, type ComparedRow } from './timed-settings.js';

/** What a setting takes in numbers: floats with the gradient, floating-point operations a step, times. */
export interface StepAccount {
  readonly paper_floats: number;
  readonly held_floats: number;
  readonly peak_rss_bytes: number;
  readonly paper_flops_over_adamw: number;
  readonly graph_flops_over_baseline: number;
  readonly decomposition_flops: number;
  readonly step_ms_mean: number;
  readonly step_ratio: number;
  readonly step_ratio_low: number;
  readonly step_ratio_high: number;
}

/** A timed setting and what it takes. */
export interface AccountRow {
  readonly row: StepTimeRow;
  readonly account: StepAccount;
  readonly ratio: TimeRatio;
}

/** What the timed settings take, of those that differ in their refresh frequency the usual one. */
export function accountRows(stepTimes: readonly StepTimeRow[], baseline: string): AccountRow[] {
  return usualRows(stepTimes, baseline).map(accountOf);
}

function accountOf({ row, base }: ComparedRow): AccountRow {
  const ratio = stepRatio(row, base);
  const account: StepAccount = {
    paper_floats: row.paper_state_bytes / 4 + row.parameters,
    held_floats: row.optimizer_state_bytes / 4 + row.parameters,
    peak_rss_bytes: row.peak_rss_bytes,
    paper_flops_over_adamw: row.paper_flops_over_adamw,
    graph_flops_over_baseline: row.optimizer_graph_flops - base.optimizer_graph_flops,
    decomposition_flops: row.decomposition_flops,
    step_ms_mean: row.step_ms_mean,
    step_ratio: ratio.value,
    step_ratio_low: ratio.low,
    step_ratio_high: ratio.high,
  };
  return { row, account, ratio };
}
