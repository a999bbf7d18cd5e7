import { countText, lossText } from '../../format.js';
import { textTable, type Column } from '../../text-table.js';
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

/** Lines of a table: a row for every optimizer and method, refusals below. */
export function efficiencyTable(rows: readonly EfficiencyRow[], dim: (text: string) => string): string[] {
  const column = (title: string[], text: (row: EfficiencyRow) => string, align: 'left' | 'right'): Column => {
    return { title, align, cells: rows.map((row) => ({ text: text(row) })) };
  };
  const grouped = rows.some(({ group }) => group !== '');
  const columns = [
    column(['optimizer'], ({ title, group }) => (grouped ? `${title} (${group})` : title), 'left'),
    column(['method'], ({ method }) => methodTexts[method], 'left'),
    column(['at loss'], ({ loss }) => (loss === null ? '' : lossText(loss)), 'right'),
    column(['iterations'], ({ steps }) => (steps === null ? '' : countText(steps)), 'right'),
    column(['iterations', 'over baseline'], (row) => rowRatioText(row, 'steps_ratio'), 'right'),
    column(['time', 'over baseline'], (row) => rowRatioText(row, 'time_ratio'), 'right'),
  ];
  const refused = rows.filter(({ note }) => note !== '');
  const notes = refused.map(({ title, method, note }) => dim(`${title}, ${methodTexts[method]}: ${note}`));
  return [...textTable(columns, dim), ...notes];
}

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
      ? `fitted to trainings of ${budgets.length} lengths, ${n}`
      : `its trainings of ${countText(budgets[0]!)} steps end below that already, ${n}`;
  return `${title} needs ${rowRatioText(best, 'steps_ratio')} the iterations${time} of ${baseline} for its final loss${where}: ${how}.`;
}
