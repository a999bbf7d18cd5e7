import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { SoapBenchError, exitCodes } from '../dist/errors.js';
import { CsvFile } from '../dist/run/csv-file.js';

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
