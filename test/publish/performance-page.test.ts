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
  beforeAll(async () => {
    checkout = await Checkout.make();
    const steps = readdirSync(join(checkout.path, measurements)).filter((name) => name.startsWith('step'));
    for (const name of steps) rmSync(join(checkout.path, measurements, name));
  });
  afterAll(() => {
    checkout.remove();
  });

  it('is filled from the CSV files, over several of them', async () => {
    checkout.write(join(measurements, 'step-1.csv'), [header, ours(1, 400), peer(1), ''].join('\n'));
    checkout.write(join(measurements, 'step-2.csv'), [header, ours(2, 600), peer(2), ''].join('\n'));
    const before = checkout.read(page);
    expect(await checkout.run('check')).toMatchObject({ code: 1 });
    expect(checkout.read(page)).toBe(before);

    expect(await checkout.run('build')).toMatchObject({ code: 0 });
    const text = checkout.read(page);
    expect(text).toContain(
      'Measured on 2026-01-02 with tensorflow 2.21.0 and torch 2.13.0 on A CPU, 2 threads; soap-bench at 0123456789.',
    );
    const line = text.split('\n').find((candidate) => candidate.startsWith('half  soap'))!;
    expect(line.split(/ {2,}/)).toEqual([
      ...['half', 'soap', 'float32', 'compiled / eager', '500.0', '1000', '0.50', '900.0', '1200', '0.75'],
      ...['75.0', '50 %', '1002', '2000'],
    ]);
    expect(await checkout.run('check')).toMatchObject({ code: 0 });
  });

  it('says after how long fused steps have earned back what compiling them takes', async () => {
    const row = (optimizer: string, way: string, round: number, ms: number, start: number) =>
      `eighth,${optimizer},${way},${round},${ms},${start},2026-01-02T03:04:05Z,0123456789,tensorflow 2.21.0,a CPU,2`;
    const rows = [
      ...[row('adamw', 'off', 1, 190, 1), row('adamw', 'on', 1, 160, 3)],
      ...[row('adamw', 'on', 2, 160, 3), row('adamw', 'off', 2, 210, 1)],
      ...[row('soap', 'off', 1, 200, 3), row('soap', 'on', 1, 200, 5)],
    ];
    const columns = 'case,optimizer,way,round,step_ms,startup_s,measured_at,commit,library,device,threads';
    checkout.write(join(measurements, 'fusing.csv'), [columns, ...rows, ''].join('\n'));
    expect(await checkout.run('build')).toMatchObject({ code: 0 });
    // 2 s more at the start, 40 ms less a step: 50 steps of 160 ms.
    const text = checkout.read(page);
    expect(text).toMatch(/^eighth +adamw +200\.0 +160\.0 +0\.80 +1\.0 +3\.0 +50 +8$/m);
    expect(text).toMatch(/^eighth +soap +200\.0 +200\.0 +1\.00 +3\.0 +5\.0 +never +–$/m);
  });

  it('is left alone when a file has other columns', async () => {
    const before = checkout.read(page);
    checkout.write(join(measurements, 'linalg.csv'), 'operation,size\nqr,128\n');
    const { code, stderr } = await checkout.run('build');
    expect(stderr).toContain('linalg.csv has the columns operation,size, expected operation,size,round');
    expect(code).toBe(2);
    expect(checkout.read(page)).toBe(before);
    rmSync(join(checkout.path, measurements, 'linalg.csv'));
  });

  it('is left alone when it has no place for figures', async () => {
    checkout.write(page, '# Performance\n');
    const { code, stderr } = await checkout.run('build');
    expect(stderr).toContain('has no <!-- step --> … <!-- /step -->');
    expect(code).toBe(2);
    expect(checkout.read(page)).toBe('# Performance\n');
  });
});
