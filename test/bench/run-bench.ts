import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';

const main = fileURLToPath(new URL('../../bench/main.js', import.meta.url));

export interface BenchResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the benchmark as `npm run bench -- <words>` does after the build. */
export function runBench(...words: string[]): BenchResult {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words], { encoding: 'utf8' });
  return { code: status, stdout, stderr };
}

/** Rows of a CSV file by column. */
export function csvRows(path: string): Record<string, string>[] {
  return parse(readFileSync(path), { columns: true });
}

/**
 * Stands in for a Python with PyTorch: a script of Node that has the words it was called with as `words`.
 * @returns Its path.
 */
export function fakePeer(folder: string, name: string, body: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!${process.execPath}\nconst words = process.argv.slice(2);\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}
