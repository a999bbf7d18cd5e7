import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { runHere, type Finished } from '../support/run-here.js';

/** What `npm run bench -- <words>` does. */
export function runBench(...words: string[]): Promise<Finished> {
  return runHere('bench/program.js', 'benchProgram', words);
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
