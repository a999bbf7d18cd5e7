import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SoapBenchError, exitCodes } from '../errors.js';
import { writeFileAtomic } from './atomic-file.js';
import { damaged, readText } from './damaged.js';
import { isFile } from './folders.js';

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
  const buffer = Buffer.alloc(2 ** 20);
  const file = openSync(path, 'r');
  try {
    for (let left = bytes; left > 0;) {
      const length = readSync(file, buffer, 0, Math.min(buffer.length, left), null);
      if (length === 0) break;
      hash.update(buffer.subarray(0, length));
      left -= length;
    }
  } finally {
    closeSync(file);
  }
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

/**
 * Checks a file of which a folder has a digest.
 * @param hint What to do when it has changed.
 * @throws {SoapBenchError} `results_damaged` when it has changed, or is not there.
 */
export function assertAsWritten(folder: string, name: string, sums: Sums, hint: string): void {
  const expected = sums[name];
  if (expected === undefined) return;
  const path = join(folder, name);
  const what = isFile(path) ? sha256OfFile(path) !== expected && 'has changed since soap-bench wrote it' : 'is missing';
  if (what === false) return;
  throw new SoapBenchError('results_damaged', `${path} ${what}: ${join(folder, sumsFile)} has its SHA-256 digest`, {
    exitCode: exitCodes.unavailable,
    hint,
  });
}
