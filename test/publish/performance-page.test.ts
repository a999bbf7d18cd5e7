import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Checkout } from './checkout.js';

const header =
  'case,optimizer,precision,round,side,mode,parameters,tokens,steps,median_ms,mean_ms,model_gflops,ceiling_gflops,' +
  'ceiling_share,peak_rss_mib,measured_at,commit,library,device,threads';
const ours = (round: number, medianMs: number) =>
  `half,soap,float32,${round},ours,compiled,1,1,20,${medianMs},900,75,150,0.5,${1000 + round},2026-01-02T03:04:05Z,0123456789,tensorflow 2.21.0,"A CPU, 2 threads",2`;
const peer = (round: number) =>
  `half,soap,float32,${round},peer,eager,1,1,20,1000,1200,60,,,2000,2026-01-02T03:04:05Z,,torch 2.13.0,"A CPU, 2 threads",2`;

describe('docs/performance.md', () => {
  const page = join('docs', 'performance.md');
  const measurements = join('results', 'published', 'performance');
  let checkout: Checkout;
  beforeAll(() => {
    checkout = new Checkout();
    const steps = readdirSync(join(checkout.path, measurements)).filter((name) => name.startsWith('step'));
    for (const name of steps) rmSync(join(checkout.path, measurements, name));
  });
  afterAll(() => {
    checkout.remove();
  });

  it('is filled from the CSV files, over several of them', () => {
    checkout.write(join(measurements, 'step-1.csv'), [header, ours(1, 400), peer(1), ''].join('\n'));
    checkout.write(join(measurements, 'step-2.csv'), [header, ours(2, 600), peer(2), ''].join('\n'));
    const before = checkout.read(page);
    expect(checkout.run('check')).toMatchObject({ code: 1 });
    expect(checkout.read(page)).toBe(before);

    expect(checkout.run('build')).toMatchObject({ code: 0 });
    const text = checkout.read(page);
    expect(text).toContain(
      'Measured on 2026-01-02 with tensorflow 2.21.0 and torch 2.13.0 on A CPU, 2 threads; soap-bench at 0123456789.',
    );
    const line = text.split('\n').find((candidate) => candidate.startsWith('half  soap'))!;
    expect(line.split(/ {2,}/)).toEqual([
      ...['half', 'soap', 'float32', 'compiled / eager', '500.0', '1000', '0.50', '900.0', '1200', '0.75'],
      ...['75.0', '50 %', '1002', '2000'],
    ]);
    expect(checkout.run('check')).toMatchObject({ code: 0 });
  });

  it('is left alone when a file has other columns', () => {
    const before = checkout.read(page);
    checkout.write(join(measurements, 'linalg.csv'), 'operation,size\nqr,128\n');
    const { code, stderr } = checkout.run('build');
    expect(stderr).toContain('linalg.csv has the columns operation,size, expected operation,size,round');
    expect(code).toBe(2);
    expect(checkout.read(page)).toBe(before);
    rmSync(join(checkout.path, measurements, 'linalg.csv'));
  });

  it('is left alone when it has no place for figures', () => {
    checkout.write(page, '# Performance\n');
    const { code, stderr } = checkout.run('build');
    expect(stderr).toContain('has no <!-- step --> … <!-- /step -->');
    expect(code).toBe(2);
    expect(checkout.read(page)).toBe('# Performance\n');
  });
});
