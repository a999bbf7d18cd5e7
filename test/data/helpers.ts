import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { SoapBenchError } from '../../src/errors.js';

/** A folder with these files, removed when the test ends. */
export function folderWith(files: Record<string, string | Uint8Array> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'soap-bench-data-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), content);
  }
  return folder;
}

/** The SoapBenchError that an action ends with; anything else fails the test. */
export async function failureOf(action: () => unknown): Promise<SoapBenchError> {
  try {
    await action();
  } catch (error) {
    if (error instanceof SoapBenchError) return error;
    throw error;
  }
  throw new Error('the action succeeded');
}

/** Makes prepared datasets go to this folder until the test ends. */
export function useDatasetsRoot(root: string): void {
  const before = process.env.SOAP_BENCH_DATASETS;
  process.env.SOAP_BENCH_DATASETS = root;
  onTestFinished(() => {
    if (before === undefined) delete process.env.SOAP_BENCH_DATASETS;
    else process.env.SOAP_BENCH_DATASETS = before;
  });
}
