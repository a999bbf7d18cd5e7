import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { csvText } from './csv.js';
import { SoapBenchError, exitCodes } from '../errors.js';
import { writeError } from '../system-error.js';

/** A CSV file that grows by complete rows. Appended rows survive a crash of the process. */
export class CsvFile<Row extends object> {
  readonly #path: string;
  readonly #file: number;
  readonly #columns: readonly (keyof Row & string)[];
  readonly #hash = createHash('sha256');
  #bytes = 0;

  /**
   * Creates the file with its header, or continues an existing one.
   * @param keep Bytes of complete lines to keep; the rest is removed. 0 starts again.
   * @throws {SoapBenchError} `columns_changed` if the existing file has other columns, or the system's error.
   */
  constructor(path: string, columns: readonly (keyof Row & string)[], keep = 0) {
    this.#path = path;
    this.#columns = columns;
    const header = csvText([columns]);
    if (keep > 0) {
      const before = readFileSync(path).subarray(0, keep);
      if (!before.subarray(0, Buffer.byteLength(header)).equals(Buffer.from(header))) throw columnsChanged(path);
      this.#hash.update(before);
    }
    this.#file = this.#tried(() => openSync(path, keep > 0 ? 'a' : 'w'));
    this.#bytes = keep;
    if (keep > 0)
      this.#tried(() => {
        ftruncateSync(this.#file, keep);
      });
    else this.#write(header);
  }

  /** Length of the file in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** SHA-256 digest of the file in hexadecimal. */
  get sha256(): string {
    return this.#hash.copy().digest('hex');
  }

  /** @throws {SoapBenchError} If the system refuses, e.g. for a full disk. The file may then end with a partial row. */
  append(row: Row): void {
    this.#write(csvText([this.#columns.map((column) => row[column])]));
  }

  /** Flushes the file to disk, so that it survives a crash of the machine. */
  sync(): void {
    this.#tried(() => {
      fsyncSync(this.#file);
    });
  }

  close(): void {
    closeSync(this.#file);
  }

  #write(text: string): void {
    this.#tried(() => {
      writeFileSync(this.#file, text);
    });
    this.#hash.update(text);
    this.#bytes += Buffer.byteLength(text);
  }

  #tried<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw writeError(this.#path, error);
    }
  }
}

function columnsChanged(path: string): SoapBenchError {
  return new SoapBenchError('columns_changed', `${path} has other columns than this version of soap-bench writes`, {
    exitCode: exitCodes.unavailable,
    hint: 'go on with the version that began the run, or run the experiment again',
  });
}
