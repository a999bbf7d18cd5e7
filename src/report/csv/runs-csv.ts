import { csvText } from '../../files/csv.js';
import { sweptCells, sweptColumns } from './swept-columns.js';
import { stateText, type Comparison, type SummaryRow } from '../../analysis/comparison.js';
import type { Summary } from '../../analysis/summary.js';

/** The columns of summary.csv of an experiment and of runs.csv of a sweep. */
export const runColumns = [
  'label',
  'optimizer',
  'lr',
  'seed',
  'state',
  'final_loss',
  'best_loss',
  'target',
  'reached',
  'steps_to_target',
  'steps_to_target_raw',
  'tokens_to_target',
  'train_time_to_target_s',
  'steps_ratio',
  'time_ratio',
  'step_ms_mean',
  'step_ms_median',
  'optimizer_share_mean',
  'tokens_per_s',
  'state_bytes',
  'paper_state_bytes',
  'optimizer_flops',
  'flops_over_adamw',
  'paper_flops_over_adamw',
  'parameters',
  'steps_done',
  'train_time_s',
  'eval_time_s',
  'shared_machine',
  'measured_step_ms',
  'note',
] as const satisfies readonly (keyof SummaryRow | 'note')[];

/** A header and a row for every run. Unknown numbers are `nan`, targets that were not reached `inf`. */
export function comparisonCsv(comparison: Comparison): string {
  return csvText([[...runColumns], ...comparison.rows.map((row) => runCells(row, comparison))]);
}

/** The same for the runs of a sweep, each behind its task and before its swept values. */
export function tasksCsv({ rows, swept }: Summary): string {
  const header = ['task', ...runColumns];
  const own = sweptColumns(swept, header);
  const cells = rows.flatMap((setting) =>
    setting.tasks.map(({ id, row, summary }) => [id, ...runCells(row, summary), ...sweptCells(setting, own)]),
  );
  return csvText([[...header, ...own], ...cells]);
}

/** The cells of {@link runColumns}. */
function runCells(row: SummaryRow, comparison: Comparison): unknown[] {
  const cells: Record<(typeof runColumns)[number], unknown> = { ...row, note: noteOf(row, comparison) };
  return runColumns.map((column) => cells[column] ?? (column === 'reached' ? 'unknown' : NaN));
}

/** Why a row is not that of a finished run, and why its target is unknown. */
function noteOf(row: SummaryRow, { steps, target_unknown }: Comparison): string {
  const state = row.state === 'finished' ? undefined : stateText(row, steps);
  const target = target_unknown === undefined ? undefined : `target unknown: ${target_unknown}`;
  return [state, row.message, target].filter((part) => part !== undefined).join('; ');
}
