import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeOn } from '../support/engines.js';
import { csvRows, runBench } from './run-bench.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'soap-bench-fullsize-test-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

await describeOn('tensorflow', () => {
  it('runs the first calls of both optimizers and writes what each phase took', async () => {
    const csv = join(folder, 'fullsize.csv');
    const { code, stdout } = await runBench('fullsize', '--case', 'tiny', '--csv', csv);
    expect(code).toBe(0);
    const rows = csvRows(csv);
    expect(rows.map(({ optimizer, phase }) => `${optimizer} ${phase}`)).toEqual([
      ...['adamw tracing', 'adamw initial weights', 'adamw call 1 (plain)'],
      ...['soap tracing', 'soap initial weights', 'soap call 1 (first)', 'soap call 2 (plain)'],
    ]);
    for (const { seconds, phase } of rows) {
      expect(Number(seconds), phase).toBeGreaterThanOrEqual(0);
      if (phase!.startsWith('call')) expect(Number(seconds), phase).toBeGreaterThan(0);
    }
    // Memory is the largest so far: it never falls within a process.
    const peaks = rows.filter(({ optimizer }) => optimizer === 'soap').map((row) => Number(row.peak_rss_mib));
    expect(peaks).toEqual(peaks.toSorted((a, b) => a - b));
    expect(peaks[0]).toBeGreaterThan(50);
    expect(stdout).toContain('call 2 (plain)');
  });
});
