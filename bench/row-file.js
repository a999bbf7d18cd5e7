import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parse } from 'csv-parse/sync';
import { SoapBenchError, exitCodes } from '../dist/errors.js';
import { CsvFile } from '../dist/files/csv-file.js';

/**
 * Rows of a benchmark: kept, and appended to a new CSV file when one is asked for, each as soon as it is measured.
 * @template {object} Row
 * @param {string | undefined} path
 * @param {readonly (keyof Row & string)[]} columns
 */
export function rowFile(path, columns) {
  if (path !== undefined && existsSync(path)) {
    throw new SoapBenchError('csv_exists', `${path} is already there`, {
      exitCode: exitCodes.usage,
      hint: 'name another file, or remove this one: measurements are never overwritten',
    });
  }
  /** @type {Row[]} */
  const rows = [];
  /** @type {CsvFile<Row> | undefined} */
  let file;
  if (path !== undefined) {
    mkdirSync(dirname(path), { recursive: true });
    file = new CsvFile(path, columns);
  }
  return {
    rows,
    /** @param {Row} row */
    append(row) {
      rows.push(row);
      file?.append(row);
    },
    close() {
      file?.close();
    },
  };
}

/**
 * Rows of a benchmark's CSV file, numbers as numbers.
 * @template Row
 * @param {string} path
 * @param {readonly (keyof Row & string)[]} columns
 * @param {string} kind The benchmark that writes such files.
 * @returns {Row[]}
 * @throws SoapBenchError `csv_invalid` when the file has other columns.
 */
export function readRowFile(path, columns, kind) {
  const [header, ...lines] = /** @type {string[][]} */ (parse(readFileSync(path)));
  if (header?.join() !== columns.join()) {
    throw new SoapBenchError('csv_invalid', `${path} has the columns ${header?.join()}, expected ${columns.join()}`, {
      exitCode: exitCodes.usage,
      hint: `measure again with this version: npm run bench -- ${kind}`,
    });
  }
  return lines.map(
    (line) =>
      /** @type {Row} */ (Object.fromEntries(columns.map((column, i) => [column, valueOf(column, line[i] ?? '')]))),
  );
}

/** Columns that are words whatever they look like; a commit may be all digits. */
const texts = new Set([
  'case',
  'optimizer',
  'precision',
  'side',
  'mode',
  'operation',
  'phase',
  'kind',
  'op',
  'shape',
  'way',
  'ending',
  'block_losses',
  'measured_at',
  'commit',
  'library',
  'device',
]);

/**
 * @param {string} column
 * @param {string} text
 */
function valueOf(column, text) {
  if (texts.has(column)) return text;
  return text === '' ? null : Number(text);
}
