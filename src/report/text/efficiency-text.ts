import { plural } from '../../format.js';
import { rowRatioText } from '../../analysis/efficiency/ratio-text.js';
import type { EfficiencyRow } from '../../analysis/efficiency/efficiency.js';
import type { EfficiencyMethod } from '../../analysis/efficiency/estimate.js';
import { fittedLoss } from '../../analysis/efficiency/power-law.js';

/** What a method is called in tables. */
export const methodTexts: Readonly<Record<EfficiencyMethod, string>> = {
  fit: 'fit to its budgets',
  mirror: "fit to the baseline's",
  crossing: 'crossing in mid-schedule',
};

/** The paper's measure of the best optimizer in a sentence; undefined where no fit gave one. */
export function efficiencyHeadline(rows: readonly EfficiencyRow[]): string | undefined {
  // Below all that was trained is the least that there is.
  const ratioOf = ({ steps_ratio, beyond }: EfficiencyRow) => (beyond?.side === 'below' ? 0 : steps_ratio.value);
  const known = rows.filter((row) => row.method === 'fit' && !Number.isNaN(ratioOf(row)));
  // Of several of these the one that ended lowest.
  const endOf = ({ law, budgets }: EfficiencyRow) => (law === undefined ? Infinity : fittedLoss(law, budgets[0]!));
  const best = known.toSorted((one, other) => ratioOf(one) - ratioOf(other) || endOf(one) - endOf(other))[0];
  if (best === undefined) return undefined;
  const { title, baseline, group, seeds, budgets, beyond } = best;
  const where = group === '' ? '' : ` (${group})`;
  const n = seeds.length === 1 ? '1 seed, no interval' : `${seeds.length} seeds`;
  const timeText = rowRatioText(best, 'time_ratio');
  const time = timeText === 'unknown' ? '' : ` and ${timeText} the training time`;
  const how =
    beyond === undefined
      ? `fitted to runs of ${budgets.length} lengths, ${n}`
      : `its runs of ${plural(budgets[0]!, 'step')} end below that already, ${n}`;
  return `${title} needs ${rowRatioText(best, 'steps_ratio')} the iterations${time} of ${baseline} for its final loss${where}: ${how}.`;
}
