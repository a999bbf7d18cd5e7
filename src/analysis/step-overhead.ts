import { median } from '../median.js';
import type { StepTimeRow } from '../results/step-time-row.js';
import { plainStepRatio, stepRatio } from './over-baseline.js';
import { frequencyCurves, type ComparedRow } from './timed-settings.js';

/** By how many percent a step takes longer than the baseline's, at one refresh frequency. */
export interface OverheadRow {
  readonly precondition_frequency: number;
  readonly overhead_percent: number;
  readonly overhead_percent_low: number;
  readonly overhead_percent_high: number;
  /** Of the steps between two refreshes; NaN where each step has one. */
  readonly plain_overhead_percent: number;
  /** Of each round of timing. */
  readonly rounds: readonly number[];
}

/** Settings that differ in their refresh frequency alone, in its order. */
export interface OverheadCurve {
  /** What the settings have in common. */
  readonly title: string;
  readonly label: string;
  readonly rows: readonly OverheadRow[];
  /** What remains without refreshes: the median over all frequencies that have such steps, which are the same steps. */
  readonly floor_percent: number;
}

/** Step time over the baseline's by refresh frequency; empty where no settings differ in it. */
export function overheadCurves(stepTimes: readonly StepTimeRow[], baseline: string): OverheadCurve[] {
  return [...frequencyCurves(stepTimes, baseline)].map(([title, compared]) => {
    const plain = compared.map(({ row, base }) => plainStepRatio(row, base).value);
    return {
      title,
      label: compared[0]!.row.label,
      rows: compared.map(overheadOf),
      floor_percent: percentOver(median(plain.filter((ratio) => !Number.isNaN(ratio)))),
    };
  });
}

function overheadOf({ row, base }: ComparedRow): OverheadRow {
  const ratio = stepRatio(row, base);
  return {
    precondition_frequency: row.precondition_frequency,
    overhead_percent: percentOver(ratio.value),
    overhead_percent_low: percentOver(ratio.low),
    overhead_percent_high: percentOver(ratio.high),
    plain_overhead_percent: percentOver(plainStepRatio(row, base).value),
    rounds: ratio.rounds.map(percentOver),
  };
}

function percentOver(ratio: number): number {
  return 100 * (ratio - 1);
}
