import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { csvText } from '../files/csv.js';
import { csvNumber as number, csvString as text, readRows, type Cell, type Columns } from '../files/csv-rows.js';
import { damaged } from '../files/damaged.js';
import { isFile } from '../files/folders.js';
import { assertAsWritten, readSums, writeWithSum } from './sums.js';
import type { StepTimeRow } from './step-time-row.js';

/** In an experiment's or a sweep's folder: step times that were measured apart from training. */
export const stepTimesFile = 'step_times.csv';

/** Times of rounds in one cell: `14.000 16.000 nan`. */
const list: Cell<readonly number[]> = {
  read: (cell) => {
    const times = cell.split(' ').map(number.read);
    return times.includes(undefined) ? undefined : (times as number[]);
  },
  expected: 'numbers with spaces between them',
};

const cells: Columns<StepTimeRow> = {









  key: text,
setting: text,
label: text,
optimizer: text,
  precondition_frequency: number,
batch_tokens: number,
precision: text,
  parameters: number,
optimizer_state_bytes: number,
paper_state_bytes: number,
peak_rss_bytes: number,
  rounds: number,
steps: number,
step_ms_mean: number,
step_ms_low: number,
step_ms_high: number,
  step_ms_median: number,
refresh_ms: number,
gradient_ms: number,
optimizer_ms: number,
tokens_per_s: number,
  gradient_graph_flops: number,
optimizer_graph_flops: number,
optimizer_flops: number,
  decomposition_flops: number,
flops_over_adamw: number,
paper_flops_over_adamw: number,
  engine: text,
device: text,
threads: number,
cpu: text,
cores: number,
  commit: text,
measured_at: text,
busy: number,
round_ms: list,
round_median_ms: list,
};

const columns = Object.keys(cells) as (keyof StepTimeRow)[];

/** Writes step_times.csv, whole or not at all. */
export function writeStepTimes(folder: string, rows: readonly StepTimeRow[]): void {
  writeWithSum(folder, stepTimesFile, stepTimesCsv(rows));
}

/** A header and a row for every setting. */
export function stepTimesCsv(rows: readonly StepTimeRow[]): string {
  return csvText([columns, ...rows.map((row) => columns.map((column) => cellOf(row[column])))]);
}

function cellOf(value: StepTimeRow[keyof StepTimeRow]): string | number {
  if (typeof value !== 'object') return value;
  return value.map((ms) => (Number.isNaN(ms) ? 'nan' : ms.toFixed(3))).join(' ');
}

/**
 * The rows of step_times.csv; none where nothing was timed.
 * @throws {SoapBenchError} `results_damaged` (exit code 6) naming the line.
 */
export function readStepTimes(folder: string): StepTimeRow[] {
  const file = join(folder, stepTimesFile);
  const again = 'bring back the file as it was, or measure again with `soap-bench time`';
  assertAsWritten({ folder, sums: readSums(folder), hint: again }, stepTimesFile);
  const rows = readRows(file, cells);
  // It is written whole: without rows, or with a part of one, it has been cut, and another clock would count in its place.
  if (isFile(file) && (rows.length === 0 || !readFileSync(file, 'utf8').endsWith('\n'))) {
    throw damaged(file, 'it is cut; `soap-bench time` makes it anew, and without it the times of the training count');
  }
  return rows;
}
