import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csvRows, fakePeer, runBench } from './run-bench.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'soap-bench-linalg-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('bench linalg', () => {
  it('has a row for every operation and side, and a line for every operation', async () => {
    const csv = join(folder, 'linalg.csv');
    const peer = fakePeer(
      folder,
      'python',
      `const size = Number(words[words.indexOf('--sizes') + 1]);
const results = ['qr', 'eigh', 'inverse_root'].map((operation) => ({ operation, size, median_ms: 2, repetitions: 5 }));
console.log(JSON.stringify({ peer: 'torch 0.0', threads: 2, results }));`,
    );
    const words = ['--engine', 'cpu', '--sizes', '4', '--rounds', '1', '--peer', peer, '--csv', csv];
    const { code, stdout } = await runBench('linalg', ...words);
    expect(code).toBe(0);
    const rows = csvRows(csv);
    expect(rows.map(({ operation, size, side }) => `${operation} ${size} ${side}`)).toEqual([
      ...['qr 4 ours', 'eigh 4 ours', 'inverse_root 4 ours'],
      ...['qr 4 peer', 'eigh 4 peer', 'inverse_root 4 peer'],
    ]);
    const ours = Number(rows[2]!.median_ms);
    expect(stdout).toMatch(new RegExp(`^inverse root +4 +eager .* 2\\.00 +${(ours / 2).toFixed(2)}$`, 'm'));
  });

  it('measures the operations asked for, on both sides', async () => {
    const csv = join(folder, 'operations.csv');
    const peer = fakePeer(
      folder,
      'asked',
      `const results = words[words.indexOf('--operations') + 1].split(',').flatMap((operation) =>
  words[words.indexOf('--sizes') + 1].split(',').map((size) =>
    ({ operation, size: Number(size), median_ms: 2, repetitions: 5 })));
console.log(JSON.stringify({ peer: 'torch 0.0', threads: 2, results }));`,
    );
    const words = ['--engine', 'cpu', '--operations', 'qr', '--sizes', '3,4', '--rounds', '1', '--peer', peer];
    expect((await runBench('linalg', ...words, '--csv', csv)).code).toBe(0);
    expect(csvRows(csv).map(({ operation, size, side }) => `${operation} ${size} ${side}`)).toEqual([
      ...['qr 3 ours', 'qr 4 ours'],
      ...['qr 3 peer', 'qr 4 peer'],
    ]);
    const { code, stderr } = await runBench('linalg', '--operations', 'qr,svd');
    expect(stderr).toContain('--operations has "svd", which is none of qr, eigh, inverse_root');
    expect(code).toBe(2);
  });

  it('says which size it does not understand', async () => {
    const { code, stderr } = await runBench('linalg', '--sizes', '128,big');
    expect(stderr).toContain('--sizes is "big"');
    expect(code).toBe(2);
  });
});
