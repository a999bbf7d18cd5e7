import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeOn } from '../support/engines.js';
import { csvRows, runBench } from './run-bench.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'soap-bench-profile-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const tiny = (...words: string[]) => runBench('profile', '--case', 'tiny', '--steps', '10', ...words);

await describeOn('tensorflow', () => {
  it('counts what each phase of a step consists of', async () => {
    const csv = join(folder, 'profile.csv');
    const { code, stdout, stderr } = await tiny('--optimizer', 'shampoo', '--csv', csv);
    expect(code, stderr).toBe(0);
    const rows = csvRows(csv);
    const phases = [...new Set(rows.map(({ phase, share }) => `${phase} ${share}`))];
    expect(phases.sort()).toEqual(['gradient 1', 'update, plain 0.9', 'update, refresh 0.1']);

    // One layer 16 wide, 16 tokens: 12·16² weights in the layer, 32·16 in the head, six operations a token and weight; and
    // attention, 2 heads of 8 over 8 positions, two products forward and four backward.
    const products = rows.filter(({ phase, kind }) => phase === 'gradient' && kind === 'product');
    const square = products.filter(({ shape }) => !/(^|×)1$|^1×/.test(shape!));
    const gflop = square.reduce((sum, row) => sum + Number(row.gflop), 0);
    expect(gflop * 1e9).toBeCloseTo(6 * 16 * (12 * 16 ** 2 + 32 * 16) + 6 * 2 * (2 * 2 * 8 * 8 * 8), -3);

    const decomposed = rows.filter(({ kind }) => kind === 'decomposition');
    expect(decomposed.map(({ phase }) => phase)).not.toContain('update, plain');
    expect(decomposed.some(({ op }) => op === 'SelfAdjointEigV2')).toBe(true);
    for (const column of ['phase_ms', 'ceiling_gflops', 'bandwidth_gib_s']) {
      expect(Number(rows[0]![column]), column).toBeGreaterThan(0);
    }
    expect(stdout).toMatch(/tiny +shampoo +float32 +compiled +update, refresh +10 % /);
  });
});

it('says so when the engine does not compile', async () => {
  const { code, stderr } = await tiny('--optimizer', 'adamw', '--engine', 'cpu');
  expect(code).toBe(5);
  expect(stderr).toContain('cpu does not compile its steps: there is nothing to count');
});
