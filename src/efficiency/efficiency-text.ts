import { countText, lossText, ratioText } from '../report/format.js';
import { textTable, type Column } from '../text-table.js';
import type { EfficiencyRow, Interval } from './efficiency.js';
import type { EfficiencyMethod } from './estimate.js';

/** What a method is called in tables. */
export const methodTexts: Readonly<Record<EfficiencyMethod, string>> = {
  fit: 'fit to its budgets',
  mirror: "fit to the baseline's",
  crossing: 'crossing in mid-schedule',
};

/** `0.57× [0.55, 0.60]`; an end that lies beyond all that was trained is left open: `[<, 0.60]`. */
export function intervalText({ value, low, high }: Interval): string {
  if (Number.isNaN(value)) return 'unknown';
  if (Number.isNaN(low)) return ratioText(value);
  const end = (ratio: number) => (ratio === 0 ? '<' : ratio === Infinity ? '>' : ratio.toFixed(2));
  return `${ratioText(value)} [${end(low)}, ${end(high)}]`;
}

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
    column(['iterations', 'over baseline'], ({ steps_ratio }) => intervalText(steps_ratio), 'right'),
    column(['time', 'over baseline'], ({ time_ratio }) => intervalText(time_ratio), 'right'),
  ];
  const refused = rows.filter(({ note }) => note !== '');
  const notes = refused.map(({ title, method, note }) => dim(`${title}, ${methodTexts[method]}: ${note}`));
  return [...textTable(columns, dim), ...notes];
}

/** The paper's measure of the best optimizer in a sentence; undefined where no fit gave one. */
export function efficiencyHeadline(rows: readonly EfficiencyRow[]): string | undefined {
  const known = rows.filter(({ method, steps }) => method === 'fit' && steps !== null);
  const best = known.toSorted((one, other) => one.steps_ratio.value - other.steps_ratio.value)[0];
  if (best === undefined) return undefined;
  const { title, baseline, group, seeds, budgets, steps_ratio, time_ratio } = best;
  const where = group === '' ? '' : ` (${group})`;
  const n = seeds.length === 1 ? '1 seed, no interval' : `${seeds.length} seeds`;
  const time = Number.isNaN(time_ratio.value) ? '' : ` and ${intervalText(time_ratio)} the training time`;
  return (
    `${title} needs ${intervalText(steps_ratio)} the iterations${time} of ${baseline} for its final loss${where}: ` +
    `fitted to trainings of ${budgets.length} lengths, ${n}.`
  );
}
