import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { describeOn } from '../support/engines.js';
import { csvRows, runBench } from './run-bench.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'soap-bench-stress-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const stress = (output: string, ...words: string[]) =>
  runBench('stress', '--optimizer', 'adamw', '--steps', '40', '--output', join(folder, output), ...words);
const rowsOf = (output: string) => csvRows(join(folder, output, 'stress.csv'));

await describeOn('tensorflow', () => {
  it('trains with fused steps and without, writes every step, and trains only what is missing when started again', async () => {
    const { code, stdout, stderr } = await stress('tiny', '--fuse-from', '1', '--perturbed', '1');
    expect(code, stderr).toBe(0);
    const rows = rowsOf('tiny');
    expect(rows.map(({ way, done, ending }) => `${way}: ${done}, ${ending}`)).toEqual([
      ...['eager: 2, finished', 'unfused: 40, finished', 'fused: 40, finished', 'perturbed 1: 40, finished'],
    ]);
    const [eager, unfused, fused, moved] = rows as [
      (typeof rows)[0],
      (typeof rows)[0],
      (typeof rows)[0],
      (typeof rows)[0],
    ];
    // The whole graph is what the operations are one by one, up to the first update and its rate.
    expect(Number(eager.loss_2)).toBeCloseTo(Number(unfused.loss_2), 5);
    expect([unfused.fused, moved.fused]).toEqual(['0', '0']);
    expect(Number(fused.fused)).toBeGreaterThan(10);
    expect(Number(fused.validation_loss)).not.toBe(Number(unfused.validation_loss));
    expect(Number(fused.validation_loss)).toBeCloseTo(Number(unfused.validation_loss), 3);
    expect(Number(moved.validation_loss)).not.toBe(Number(unfused.validation_loss));
    const steps = csvRows(join(folder, 'tiny', 'losses', 'tiny-adamw-float32-fused.csv'));
    expect(steps.map(({ step }) => Number(step))).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    expect(stdout).toMatch(/^tiny +adamw +float32 +40 +finished /m);

    const path = join(folder, 'tiny', 'stress.csv');
    const whole = readFileSync(path, 'utf8');
    writeFileSync(path, whole.split('\n').slice(0, 4).join('\n') + '\n');
    const again = await stress('tiny', '--fuse-from', '1', '--perturbed', '1');
    expect(again.stderr.match(/steps, finished/g)).toHaveLength(1);
    expect(rowsOf('tiny').map((row) => row.validation_loss)).toEqual(rows.map((row) => row.validation_loss));
  });
});

it('writes a crash as a row and goes on', async () => {
  vi.stubEnv('SOAP_BENCH_DATASETS', '/dev/null/datasets');
  const { code } = await stress('crash', '--engine', 'cpu', '--perturbed', '1');
  expect(code).toBe(0);
  const rows = rowsOf('crash');
  expect(rows.map(({ way, done }) => `${way} ${done}`)).toEqual(['eager 0', 'unfused 0', 'fused 0', 'perturbed 1 0']);
  for (const { ending } of rows) expect(ending).toContain('could not be measured: it ended with code');
});
