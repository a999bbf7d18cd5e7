import { closeSync, copyFileSync, fstatSync, openSync, readFileSync, readSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { systemError } from '../system-error.js';

/** A CSV file as it is to be read, and whose rows it has. */
export interface CsvSource {
  /** The file, or a copy of it. */
  readonly path: string;
  /** The file itself, for messages. */
  readonly original: string;
  readonly columns: readonly string[];
  /** Name of the run, or of the experiment whose runs' rows it has. */
  readonly owner: string;
}

/**
 * A file without the part of a row that a crash has left at its end: then a copy, in `scratch`.
 * @returns Undefined when there is no such file, or no whole line in it.
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

/** The first line, which fits into a few kilobytes. */
function headerOf(file: number): string | undefined {
  const start = Buffer.alloc(4096);
  const length = readSync(file, start, 0, start.length, 0);
  const end = start.subarray(0, length).indexOf(0x0a);
  return end < 0 ? undefined : start.subarray(0, end).toString();
}
