import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeOn } from '../support/engines.js';
import { csvRows, runBench } from './run-bench.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'soap-bench-startup-test-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

await describeOn('tensorflow', () => {
  it('splits the way to the first step into phases that add up', async () => {
    const csv = join(folder, 'startup.csv');
    const { code, stdout, stderr } = await runBench('startup', '--rounds', '1', '--csv', csv);
    expect(code).toBe(0);
    const rows = csvRows(csv);
    expect(rows.map(({ phase }) => phase!.split(':')[0])).toEqual([
      ...['command', "run's process", 'program', 'evaluation before training', 'first training step'],
    ]);
    // A phase is a difference of times of different origin: one that were taken wrongly would be negative.
    for (const { phase, seconds } of rows) expect(Number(seconds), phase).toBeGreaterThan(0);
    const total = rows.reduce((sum, { seconds }) => sum + Number(seconds), 0);
    expect(total).toBeCloseTo(Number(/round 1 of 1: (.*) s/.exec(stderr)![1]), 1);
    expect(stdout).toMatch(new RegExp(`^adamw +all +${total.toFixed(2).replace('.', '\\.')}$`, 'm'));
  });
});
