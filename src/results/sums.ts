import { createHash, type Hash } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SoapBenchError, exitCodes } from '../errors.js';
import { writeFileAtomic } from '../files/atomic-file.js';
import { damaged, readText } from '../files/damaged.js';
import { fileBlocks } from '../files/file-blocks.js';
import { isFile } from '../files/folders.js';

/** Digests of files of a folder, in the format of sha256sum, which can check them: `sha256sum -c SHA256SUMS`. */
export const sumsFile = 'SHA256SUMS';

/** SHA-256 digests in hexadecimal digits, by the names of their files. */
export type Sums = Readonly<Record<string, string>>;

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Of a file that may be larger than memory, or of its first bytes. */
export function sha256OfFile(path: string, bytes = Infinity): string {
  const hash = createHash('sha256');
  for (const block of fileBlocks(path, bytes)) hash.update(block);
  return hash.digest('hex');
}

export function sumsText(sums: Sums): string {
  return Object.entries(sums)
    .map(([file, sum]) => `${sum}  ${file}\n`)
    .join('');
}

/**
 * The digests that a folder has; none where nothing has written any, as versions before did not.
 * @throws {SoapBenchError} `results_damaged`.
 */
export function readSums(folder: string): Sums {
  const path = join(folder, sumsFile);
  if (!existsSync(path)) return {};
  const lines = readText(path).split('\n');
  if (lines.pop() !== '' || lines.length === 0) throw damaged(path, 'its last line is cut');
  return Object.fromEntries(
    lines.map((line, index) => {
      const [, sum, file] = /^([0-9a-f]{64}) {2}([^/]+)$/.exec(line) ?? [];
      if (sum === undefined) throw damaged(`${path}:${index + 1}`, 'found no digest of a file');
      return [file!, sum];
    }),
  );
}

/** Writes down the digests of files that are not to change any more. */
export function writeSums(folder: string, sums: Sums): void {
  writeFileAtomic(join(folder, sumsFile), sumsText(sums));
}

/** Writes a file whole or not at all, and its digest beside it. A crash in between leaves the file without one. */
export function writeWithSum(folder: string, name: string, text: string): void {
  const others = Object.fromEntries(Object.entries(readSums(folder)).filter(([file]) => file !== name));
  if (Object.keys(others).length > 0) writeSums(folder, others);
  else rmSync(join(folder, sumsFile), { force: true });
  writeFileAtomic(join(folder, name), text);
  writeSums(folder, { ...others, [name]: sha256(text) });
}

/** A folder's files as they were written. */
export interface Written {
  readonly folder: string;
  /** None of files that may still change. */
  readonly sums: Sums;
  /** What to do when one has changed. */
  readonly hint: string;
}

/**
 * Checks a file of which a folder has a digest.
 * @throws {SoapBenchError} `results_damaged` when it has changed, or is not there.
 */
export function assertAsWritten({ folder, sums, hint }: Written, name: string): void {
  const expected = sums[name];
  if (expected === undefined) return;
  const path = join(folder, name);
  assertSame(path, isFile(path) ? sha256OfFile(path) : undefined, expected, hint);
}

/**
 * Reads a file and checks it, in one go.
 * @param read Called with the file's bytes, of which it takes all.
 * @returns What `read` makes of it; undefined when there is neither the file nor a digest of it.
 * @throws {SoapBenchError} `results_damaged` when it has changed, or is not there; else what `read` throws.
 */
export function readAsWritten<T>(written: Written, name: string, read: (blocks: Iterable<Buffer>) => T): T | undefined {
  const { folder, sums, hint } = written;
  const [path, expected] = [join(folder, name), sums[name]];
  if (!existsSync(path)) {
    assertAsWritten(written, name);
    return undefined;
  }
  const hash = createHash('sha256');
  let value: T;
  try {
    value = read(hashed(fileBlocks(path), hash));
  } catch (error) {
    // That it has changed explains why it cannot be read.
    assertAsWritten(written, name);
    throw error;
  }
  if (expected !== undefined) assertSame(path, hash.digest('hex'), expected, hint);
  return value;
}

function* hashed(blocks: Iterable<Buffer>, hash: Hash): Generator<Buffer> {
  for (const block of blocks) {
    hash.update(block);
    yield block;
  }
}

/** @param found Undefined of a file that is not there. */
function assertSame(path: string, found: string | undefined, expected: string, hint: string): void {
  if (found === expected) return;
  const what = found === undefined ? 'is missing' : 'has changed since soap-bench wrote it';
  const sums = join(dirname(path), sumsFile);
  throw new SoapBenchError('results_damaged', `${path} ${what}: ${sums} has its SHA-256 digest`, {
    exitCode: exitCodes.unavailable,
    hint,
  });
}
