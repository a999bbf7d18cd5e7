import { csvText } from '../../files/csv.js';
import { jsonValue } from '../../files/json-value.js';
import type { EfficiencyRow } from '../../analysis/efficiency/efficiency.js';
import type { Ratio } from '../../analysis/efficiency/ratio.js';

const ratios = ['steps_ratio', 'time_ratio', 'elapsed_ratio'] as const;

/** Columns of efficiency.csv; docs/report.md says what they mean. */
const columns: readonly (readonly [name: string, value: (row: EfficiencyRow) => unknown])[] = [
  ['optimizer', ({ title }) => title],
  ['baseline', ({ baseline }) => baseline],
  ['among', ({ group }) => group],
  ['method', ({ method }) => method],
  ['seeds', ({ seeds }) => seeds.join(' ')],
  ['budgets', ({ budgets }) => budgets.join(' ')],
  ['loss', ({ loss }) => loss],
  ['steps', ({ steps }) => steps],
  ['baseline_steps', ({ baseline_steps }) => baseline_steps],
  ...ratios.flatMap((name) => [
    [name, (row: EfficiencyRow) => row[name].value] as const,
    [`${name}_low`, (row: EfficiencyRow) => row[name].low] as const,
    [`${name}_high`, (row: EfficiencyRow) => row[name].high] as const,
  ]),
  ['a', ({ law }) => law?.a],
  ['b', ({ law }) => law?.b],
  ['beta', ({ law }) => law?.beta],
  ['rmse', ({ law }) => law?.rmse],
  ['note', ({ note }) => note],
];

/** A header and a row for every optimizer and method. What is not known is `nan`. */
export function efficiencyCsv(rows: readonly EfficiencyRow[]): string {
  const cells = rows.map((row) => columns.map(([, value]) => value(row) ?? NaN));
  return csvText([columns.map(([name]) => name), ...cells]);
}

/** The same for JSON. */
export function efficiencyJson(rows: readonly EfficiencyRow[]): unknown[] {
  return rows.map(({ title, group, law, seeds, budgets, ...row }) => ({
    optimizer: title,
    baseline: row.baseline,
    among: group,
    method: row.method,
    seeds,
    budgets,
    loss: row.loss,
    steps: row.steps,
    baseline_steps: row.baseline_steps,
    ...Object.fromEntries(ratios.map((name) => [name, intervalJson(row[name])])),
    law: law ?? null,
    note: row.note,
  }));
}

function intervalJson({ value, low, high }: Ratio): unknown {
  return { value: jsonValue(value), low: jsonValue(low), high: jsonValue(high) };
}
