import { jsonValue } from '../../files/json-value.js';
import { join } from 'node:path';
import { csvText } from '../../files/csv.js';
import { writeFileAtomic } from '../../files/atomic-file.js';
import { readExperiment } from '../../results/read.js';
import { stateText, summarize, type Summary, type SummaryRow } from '../../analysis/summary.js';

export const summaryColumns = [
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

/**
 * Writes summary.csv of an experiment's directory, whole or not at all.
 * @param experiment What was read of it, where it has been.
 * @returns What it wrote, in numbers.
 * @throws {SoapBenchError} As {@link readExperiment} does.
 */
export function writeSummary(directory: string, experiment = readExperiment(directory)): Summary {
  const summary = summarize(experiment);
  writeFileAtomic(join(directory, 'summary.csv'), summaryCsv(summary));
  return summary;
}

/** A header and a row for every run. Unknown numbers are `nan`, targets that were not reached `inf`. */
export function summaryCsv(summary: Summary): string {
  return csvText([[...summaryColumns], ...summary.rows.map((row) => summaryCells(row, summary))]);
}

/** The cells of {@link summaryColumns}. */
export function summaryCells(row: SummaryRow, summary: Summary): unknown[] {
  const cells: Record<(typeof summaryColumns)[number], unknown> = { ...row, note: noteOf(row, summary) };
  return summaryColumns.map((column) => cells[column] ?? (column === 'reached' ? 'unknown' : NaN));
}

/** A summary for JSON, which has no infinities: they become "inf", unknown numbers null. */
export function summaryJson(summary: Summary): Record<string, unknown> {
  return { ...summary, target_unknown: summary.target_unknown ?? null, rows: summary.rows.map(rowJson) };
}

/** A row for JSON, by the same rule. */
export function rowJson(row: SummaryRow): unknown {
  const words = Object.entries({ ...row, message: row.message ?? null }).map(([key, value]) => [key, jsonValue(value)]);
  return Object.fromEntries(words);
}

/** Why a row is not that of a finished run, and why its target is unknown. */
function noteOf(row: SummaryRow, { steps, target_unknown }: Summary): string {
  const state = row.state === 'finished' ? undefined : stateText(row, steps);
  const target = target_unknown === undefined ? undefined : `target unknown: ${target_unknown}`;
  return [state, row.message, target].filter((part) => part !== undefined).join('; ');
}
