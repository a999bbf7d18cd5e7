import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { stringify } from 'csv-stringify/sync';

/** A CSV file that grows by whole rows; what has been appended survives a crash of the process. */
export class CsvFile<Row extends object> {
  readonly #file: number;
  readonly #columns: readonly (keyof Row & string)[];

  /** Creates the file with its header. */
  constructor(path: string, columns: readonly (keyof Row & string)[]) {
    this.#columns = columns;
    this.#file = openSync(path, 'wx');
    writeSync(this.#file, stringify([[...columns]]));
  }

  append(row: Row): void {
    writeSync(this.#file, stringify([this.#columns.map((column) => csvValue(row[column]))]));
  }

  /** Waits until the disk has it, for what must survive a crash of the machine. */
  sync(): void {
    fsyncSync(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** Infinities and NaN in the words that NumPy and pandas read. */
export function csvValue(value: unknown): unknown {
  if (typeof value !== 'number' || Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
}
