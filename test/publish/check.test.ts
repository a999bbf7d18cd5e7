import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Checkout, results } from './checkout.js';

/** A file, and what is another number in it. */
const broken = [
  ['results/published/quickstart/summary.csv', /3\.427/, '3.327'],
  ['results/published/quickstart/report/charts/loss-steps.csv', /,4\./, ',5.'],
  ['results/published/quickstart/report/charts/loss-steps.svg', /M32\.8/, 'M33.8'],
  ['results/published/quickstart/report/tables/runs.md', /3\.427/, '3.327'],
  ['results/published/quickstart/report/tables/runs.tex', /3\.427/, '3.327'],
  ['results/published/quickstart/report/tables/runs.json', /3\.42\d/, '3.327'],
  ['results/published/quickstart/report/report.html', /3\.427/, '3.327'],
  ['README.md', /3\.427/, '3.327'],
  ['docs/performance.md', /152\.4/, '152.3'],
] as const;

describe('npm run results:check', () => {
  let checkout: Checkout;
  beforeAll(async () => {
    checkout = await Checkout.make();
  });
  afterAll(() => {
    checkout.remove();
  });

  it('finds this repository to be what its published results say (npm run results:build)', () => {
    const { code, stdout, stderr } = results('check');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^\d{2,} files are what the published results say\n$/);
  });

  it('names each file with another number, and its line', async () => {
    const before = broken.map(([file]) => checkout.read(file));
    const lines = broken.map(([file, number, other], i) => {
      const text = before[i]!;
      const at = number.exec(text)!.index;
      checkout.write(file, text.slice(0, at) + text.slice(at).replace(number, other));
      return text.slice(0, at).split('\n').length;
    });
    const { code, stderr } = await checkout.run('check');
    expect(code).toBe(1);
    for (const [i, [file]] of broken.entries()) expect(stderr).toContain(`${file}:${lines[i]} has "`);
    expect(stderr.match(/the results say/g)).toHaveLength(broken.length);
    expect(stderr).toContain('results:build');
    for (const [i, [file]] of broken.entries()) checkout.write(file, before[i]!);
    expect((await checkout.run('check')).code).toBe(0);
  });

  it('sees a number changed in a raw file by what no longer follows from it', async () => {
    const file = 'results/published/quickstart/runs/soap/eval.csv';
    const text = checkout.read(file);
    checkout.write(file, text.replace(/^(200,\d+,val),3\.42/m, '$1,3.32'));
    const { code, stderr } = await checkout.run('check');
    expect(code).toBe(1);
    expect(stderr).toContain('quickstart/summary.csv:4 has "');
    expect(stderr).toContain('README.md:');
    checkout.write(file, text);
  });

  it('misses what is not there, and knows what follows from nothing; build mends both', async () => {
    const [missing, stranger] = ['report/tables/runs.csv', 'report/charts/older.svg'].map((name) =>
      join('results', 'published', 'quickstart', name),
    );
    rmSync(join(checkout.path, missing!));
    checkout.write(stranger!, '<svg/>');
    const { code, stderr } = await checkout.run('check');
    expect(code).toBe(1);
    expect(stderr).toContain(`${missing} is missing`);
    expect(stderr).toContain(`${stranger} follows from nothing that is published`);
    expect((await checkout.run('build')).stderr).toContain(`${stranger} removed`);
    expect((await checkout.run('check')).code).toBe(0);
  });
});
