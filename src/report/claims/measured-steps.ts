import type { MemoryClaim, StepTimeClaim } from '../../reproduce/claim.js';
import type { StepTimeRow } from '../../step-time/step-time-row.js';
import { mean } from '../statistics.js';
import { notMeasured, type Located } from './measured.js';

const notTimed = (label: string) => notMeasured(`no step of ${label} was timed`);

/** Times of steps from round to round; the interval is their range. */
export function measuredStepTimes(claim: StepTimeClaim, rows: readonly StepTimeRow[]): Located {
  const own = rows.filter(({ label }) => label === claim.optimizer);
  const byFrequency = own.toSorted((a, b) => a.precondition_frequency - b.precondition_frequency);
  const [often, rare] = [byFrequency[0], byFrequency.at(-1)];
  if (often === undefined || rare === undefined) return notTimed(claim.optimizer);
  if (claim.at === 'falls') {
    const { precondition_frequency: from } = often;
    const { precondition_frequency: to } = rare;
    if (from === to) return notMeasured(`${claim.optimizer} was timed at one refresh frequency only`);
    return ratio(roundsOf(often), roundsOf(rare), `every ${from} over every ${to} steps`);
  }
  const base = rows.find(({ label, batch_tokens }) => label === claim.baseline && batch_tokens === rare.batch_tokens);
  if (base === undefined) return notTimed(claim.baseline);
  return ratio(plainRounds(rare), roundsOf(base), 'without refreshes');
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
  return { where: '', value: own / base, low: NaN, high: NaN, n: 0, note: '' };
}

function roundsOf({ round_ms }: StepTimeRow): number[] {
  return round_ms.split(' ').map(Number);
}

/** Steps as they would be if nothing was ever refreshed. */
function plainRounds(row: StepTimeRow): number[] {
  const share = Number.isNaN(row.refresh_ms) ? 0 : row.refresh_ms / row.precondition_frequency;
  return roundsOf(row).map((ms) => ms - share);
}

/** Settings take turns in a round, so that rounds belong together. */
function ratio(own: readonly number[], base: readonly number[], where: string): Located {
  const ratios = own.flatMap((ms, i) => (base[i] === undefined ? [] : [ms / base[i]]));
  const [low, high] = ratios.length < 2 ? [NaN, NaN] : [Math.min(...ratios), Math.max(...ratios)];
  return { where, value: mean(ratios), low, high, n: ratios.length, note: '' };
}
