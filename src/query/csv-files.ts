import { closeSync, copyFileSync, fstatSync, openSync, readFileSync, readSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { systemError } from '../system-error.js';

/** A CSV file to read and the owner of its rows. */
export interface CsvSource {
  /** The file to read: the original or a copy. */
  readonly path: string;
  /** The original file, for messages. */
  readonly original: string;
  readonly columns: readonly string[];
  /** Name of the run, or of the experiment for files with rows of several runs. */
  readonly owner: string;
}

/**
 * Finds a CSV file to read. If a crash left an incomplete row at its end, this is a copy without that row, in `scratch`.
 * @returns Undefined if the file is missing or has no complete line.
 */
export function csvSource(path: string, owner: string, scratch: string): CsvSource | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw systemError(error, path);
  }
  try {
    const { size } = fstatSync(file);
    const last = Buffer.alloc(1);
    if (size === 0 || readSync(file, last, 0, 1, size - 1) === 0) return undefined;
    const header = headerOf(file);
    if (header === undefined) return undefined;
    const source = { original: path, columns: header.split(','), owner };
    if (last.toString() === '\n') return { ...source, path };
    const copy = join(scratch, `${owner.replaceAll('/', '~')}.csv`);
    copyFileSync(path, copy);
    const bytes = readFileSync(copy);
    truncateSync(copy, bytes.lastIndexOf(0x0a) + 1);
    return { ...source, path: copy };
  } finally {
    closeSync(file);
  }
}

/** Reads the first line, at most a few kilobytes. */
function headerOf(file: number): string | undefined {
  const start = Buffer.alloc(4096);
  const length = readSync(file, start, 0, start.length, 0);
  const end = start.subarray(0, length).indexOf(0x0a);
  return end < 0 ? undefined : start.subarray(0, end).toString();
}
