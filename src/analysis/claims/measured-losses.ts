import type { LossClaim, LossIncreaseClaim } from '../../reproduce/claim.js';
import { groupBy } from '../../group-by.js';
import { errorOfMean } from '../../statistics/error-parts.js';
import { hasEnded } from '../../results/status.js';
import { longestWithLowestLoss, runsOf } from '../longest.js';
import type { Analysis } from '../analysis.js';
import type { SettingRow } from '../summary.js';
import { valueAt } from '../swept-values.js';
import { meanOfSeeds, notMeasured, type Located } from './measured.js';

/** The final loss of one optimizer less that of another, seed by seed; of several settings the best ones are held together. */
export function measuredLosses(claim: LossClaim, data: Analysis): Located[] {
  const { optimizer, baseline, each, precondition_frequency: frequency } = claim;
  const key = each ?? (frequency === undefined ? undefined : 'precondition_frequency');
  if (key === undefined) return [difference(data, [optimizer, baseline])];
  const values = frequency === undefined ? valuesOf(data, optimizer, key) : [frequency];
  if (values.length === 0) return [notMeasured(`${optimizer} has no ${key}`)];
  return values.map((value) => difference(data, [optimizer, baseline], { key, value }));
}

/** How much more the final loss of one optimizer rises between two refresh frequencies than that of another. */
export function measuredIncrease(claim: LossIncreaseClaim, data: Analysis): Located {
  const { optimizer, baseline, from, to } = claim;
  const losses = [optimizer, baseline].flatMap((label) =>
    [to, from].map((value) => lossesOf(data, label, { key: 'precondition_frequency', value })),
  );
  const missing = losses.find((found) => typeof found === 'string');
  if (missing !== undefined) return notMeasured(missing);
  const [rare, often, otherRare, otherOften] = losses as Map<number, number>[];
  const rises = [...rare!].flatMap(([seed, loss]) => {
    const rise = loss - (often!.get(seed) ?? NaN) - ((otherRare!.get(seed) ?? NaN) - (otherOften!.get(seed) ?? NaN));
    return Number.isNaN(rise) ? [] : [rise];
  });
  return located(rises, '', `${optimizer} and ${baseline} have no seed in common`);
}

/** A value of an option, the optimizer's own or, with a dot, everybody's. */
interface At {
  readonly key: string;
  readonly value: unknown;
}

function difference(data: Analysis, [optimizer, baseline]: readonly [string, string], at?: At): Located {
  const where = at === undefined ? '' : `${at.key}=${JSON.stringify(at.value)}`;
  const [own, other] = [lossesOf(data, optimizer, at), lossesOf(data, baseline, at)];
  if (typeof own === 'string') return notMeasured(own, where);
  if (typeof other === 'string') return notMeasured(other, where);
  const differences = [...own].flatMap(([seed, loss]) => {
    const less = loss - (other.get(seed) ?? NaN);
    return Number.isNaN(less) ? [] : [less];
  });
  return located(differences, where, `${optimizer} and ${baseline} have no seed in common that came to a loss`);
}

function located(values: readonly number[], where: string, otherwise: string): Located {
  if (values.length === 0) return notMeasured(otherwise, where);
  return meanOfSeeds(values, [errorOfMean(values, 'seeds')], where);
}

/** Final losses by seed of the best setting of a label, or why there are none. A label without the option has one for all values. */
function lossesOf(data: Analysis, label: string, at?: At): ReadonlyMap<number, number> | string {
  const own = data.summary.rows.filter((row) => row.label === label);
  const without = own.every((row) => at === undefined || valueOf(data, row, at.key) === undefined);
  const rows = without ? own : own.filter((row) => valueOf(data, row, at!.key) === at!.value);
  if (rows.length === 0)
    return `${label} has not been trained${at === undefined || without ? '' : ` with ${at.key}=${String(at.value)}`}`;
  const ended = longestWithLowestLoss(data, rows).tasks.filter(({ row }) => hasEnded(row));
  const losses = ended.flatMap(({ row: { seed, final_loss } }) =>
    final_loss === null ? [] : [[seed, final_loss] as const],
  );
  return losses.length === 0 ? `${label} has not come to its end` : new Map(losses);
}

/** The values that a label was trained with, in their order. */
function valuesOf(data: Analysis, label: string, key: string): unknown[] {
  const own = data.summary.rows.filter((row) => row.label === label);
  const values = [...groupBy(own, (row) => valueOf(data, row, key)).keys()].filter((value) => value !== undefined);
  return values.toSorted((a, b) => Number(a) - Number(b));
}

function valueOf(data: Analysis, row: SettingRow, key: string): unknown {
  return valueAt(runsOf(data, row)[0]!.config, key);
}
