import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runBench } from './run-bench.js';

const header =
  'case,optimizer,precision,round,side,mode,parameters,tokens,steps,median_ms,mean_ms,model_gflops,ceiling_gflops,' +
  'ceiling_share,peak_rss_mib,measured_at,commit,library,device,threads';
const ours = (round: number, medianMs: number) =>
  `half,soap,float32,${round},ours,compiled,1,1,20,${medianMs},900,75,150,0.5,${1000 + round},2026-01-02T03:04:05Z,0123456789,tensorflow 2.21.0,"A CPU, 2 threads",2`;
const peer = (round: number) =>
  `half,soap,float32,${round},peer,eager,1,1,20,1000,1200,60,,,2000,2026-01-02T03:04:05Z,,torch 2.13.0,"A CPU, 2 threads",2`;

let folder: string;
let page: string;
let results: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'soap-bench-page-'));
  page = join(folder, 'performance.md');
  results = join(folder, 'results');
  mkdirSync(results);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const fill = (...words: string[]) => runBench('page', '--page', page, '--results', results, ...words);

describe('docs/performance.md', () => {
  it('shows what the published measurements say (npm run bench -- page)', () => {
    const { code, stderr } = runBench('page', '--check');
    expect(stderr).toContain('shows what is measured');
    expect(code).toBe(0);
  });

  it('is filled from the CSV files, over several of them', () => {
    copyFileSync(fileURLToPath(new URL('../../docs/performance.md', import.meta.url)), page);
    writeFileSync(join(results, 'step-1.csv'), [header, ours(1, 400), peer(1), ''].join('\n'));
    writeFileSync(join(results, 'step-2.csv'), [header, ours(2, 600), peer(2), ''].join('\n'));
    const before = readFileSync(page, 'utf8');
    expect(fill('--check')).toMatchObject({ code: 1 });
    expect(readFileSync(page, 'utf8')).toBe(before);

    expect(fill()).toMatchObject({ code: 0 });
    const text = readFileSync(page, 'utf8');
    expect(text).toContain(
      'Measured on 2026-01-02 with tensorflow 2.21.0 and torch 2.13.0 on A CPU, 2 threads; soap-bench at 0123456789.',
    );
    const line = text.split('\n').find((candidate) => candidate.startsWith('half  soap'))!;
    expect(line.split(/ {2,}/)).toEqual([
      ...['half', 'soap', 'float32', 'compiled / eager', '500.0', '1000', '0.50', '900.0', '1200', '0.75'],
      ...['75.0', '50 %', '1002', '2000'],
    ]);
    expect(fill('--check')).toMatchObject({ code: 0 });
  });

  it('is left alone when a file has other columns', () => {
    const before = readFileSync(page, 'utf8');
    writeFileSync(join(results, 'linalg.csv'), 'operation,size\nqr,128\n');
    const { code, stderr } = fill();
    expect(stderr).toContain('linalg.csv has the columns operation,size, expected operation,size,round');
    expect(code).toBe(2);
    expect(readFileSync(page, 'utf8')).toBe(before);
    rmSync(join(results, 'linalg.csv'));
  });

  it('is left alone when it has no place for figures', () => {
    writeFileSync(page, '# Performance\n');
    const { code, stderr } = fill();
    expect(stderr).toContain('has no <!-- step --> … <!-- /step -->');
    expect(code).toBe(2);
    expect(readFileSync(page, 'utf8')).toBe('# Performance\n');
  });
});
