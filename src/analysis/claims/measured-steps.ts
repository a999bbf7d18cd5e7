import type { MemoryClaim, StepTimeClaim } from '../../reproduce/claim.js';
import { baselineRow, plainStepRatio, stepRatio, type TimeRatio } from '../over-baseline.js';
import type { StepTimeRow } from '../../results/step-time-row.js';
import { ratioInterval } from '../../statistics/statistics.js';
import { moreToDecideText } from '../../statistics/more-to-decide.js';
import { notMeasured, withoutInterval, type Located } from './measured.js';

const notTimed = (label: string) => notMeasured(`no step of ${label} was timed`);

/** Times of steps, the mean over rounds. */
export function measuredStepTimes(claim: StepTimeClaim, rows: readonly StepTimeRow[]): Located {
  const own = rows.filter(({ label }) => label === claim.optimizer);
  const byFrequency = own.toSorted((a, b) => a.precondition_frequency - b.precondition_frequency);
  const [often, rare] = [byFrequency[0], byFrequency.at(-1)];
  if (often === undefined || rare === undefined) return notTimed(claim.optimizer);
  if (claim.at === 'falls') {
    const { precondition_frequency: from } = often;
    const { precondition_frequency: to } = rare;
    if (from === to) return notMeasured(`${claim.optimizer} was timed at one refresh frequency only`);
    return located(stepRatio(often, rare), `every ${from} over every ${to} steps`);
  }
  const base = baselineRow(rows, rare, claim.baseline);
  if (base === undefined) return notTimed(claim.baseline);
  return located(plainStepRatio(rare, base), 'without refreshes');
}

/** Floats of gradients and optimizer state, counted: a float is four bytes. */
export function measuredMemory({ optimizer, baseline }: MemoryClaim, rows: readonly StepTimeRow[]): Located {
  const bytesOf = (name: string) => {
    const row = rows.find(({ label }) => label === name);
    return row === undefined ? undefined : 4 * row.parameters + row.optimizer_state_bytes;
  };
  const [own, base] = [bytesOf(optimizer), bytesOf(baseline)];
  if (own === undefined) return notTimed(optimizer);
  if (base === undefined) return notTimed(baseline);
  return withoutInterval(own / base, 0, '', '');
}

function located({ value, low, high, rounds, log }: TimeRatio, where: string): Located {
  const n = rounds.length;
  const at = (level: number) => ratioInterval(log.value, log.parts, level);
  const toDecide = (bound: number, level: number) => moreToDecideText(log.parts, n, Math.log(value / bound), level);
  return { where, value, low, high, n, note: Number.isNaN(value) ? 'every step has a refresh' : '', at, toDecide };
}
