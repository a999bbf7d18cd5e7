import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeOn } from '../support/engines.js';
import { csvRows, fakePeer, runBench } from './run-bench.js';

let folder: string;
let peer: string;
let callsOfPeer: string;

/** What peer/bench.py prints for the tiny case, whose model has 4176 parameters and whose batch has 16 tokens. */
const answer = {
  peer: 'torch 0.0',
  case: 'tiny',
  optimizer: 'adamw',
  precision: 'float32',
  compiled: false,
  parameters: 4176,
  tokens: 16,
  median_ms: 40,
  mean_ms: 80,
  model_gflops: 0.5,
  peak_rss_mib: 321,
};
const printing = (document: object) => `console.log(${JSON.stringify(JSON.stringify(document))});`;

const tiny = (...words: string[]) => runBench('step', '--case', 'tiny', '--engine', 'cpu', '--steps', '1', ...words);
const adamw = (...words: string[]) => tiny('--optimizer', 'adamw', '--rounds', '1', ...words);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'soap-bench-bench-'));
  callsOfPeer = join(folder, 'calls.txt');
  const record = `require('node:fs').appendFileSync(${JSON.stringify(callsOfPeer)}, words.join(' ') + '\\n');`;
  peer = fakePeer(folder, 'python', `${record}\nconsole.log('a line of chatter');\n${printing(answer)}`);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('bench step', () => {
  it('measures ours and the peer in turns, in whole periods, and writes a row for each', async () => {
    const csv = join(folder, 'new', 'step.csv');
    const { code, stdout } = await tiny('--optimizer', 'adamw', '--rounds', '2', '--peer', peer, '--csv', csv);
    expect(code).toBe(0);

    const rows = csvRows(csv);
    expect(rows.map(({ round, side }) => `${round} ${side}`)).toEqual(['1 ours', '1 peer', '2 ours', '2 peer']);
    expect(readFileSync(csv, 'utf8').split('\n')[0]).toBe(
      'case,optimizer,precision,round,side,mode,parameters,tokens,steps,median_ms,mean_ms,model_gflops,ceiling_gflops,' +
        'ceiling_share,peak_rss_mib,measured_at,commit,library,device,threads',
    );
    const [ours, theirs, again] = rows as [Record<string, string>, Record<string, string>, Record<string, string>];
    expect(ours).toMatchObject({ case: 'tiny', mode: 'eager', parameters: '4176', tokens: '16', steps: '10' });
    expect(ours.library).toMatch(/^cpu \d/);
    for (const column of ['median_ms', 'mean_ms', 'ceiling_gflops', 'peak_rss_mib']) {
      expect(Number(ours[column]), column).toBeGreaterThan(0);
    }
    expect(theirs).toMatchObject({ mode: 'eager', library: 'torch 0.0', median_ms: '40', mean_ms: '80' });
    expect(theirs).toMatchObject({ model_gflops: '0.5', ceiling_gflops: '', peak_rss_mib: '321' });

    const cells = stdout.trimEnd().split('\n').at(-1)!.split(/ {2,}/);
    const mean = (column: string) => (Number(ours[column]) + Number(again[column])) / 2;
    expect(cells.slice(0, 4)).toEqual(['tiny', 'adamw', 'float32', 'eager']);
    expect(cells.slice(5, 7)).toEqual(['40.0', (mean('median_ms') / 40).toFixed(2)]);
    expect(cells.slice(8, 10)).toEqual(['80.0', (mean('mean_ms') / 80).toFixed(2)]);
    expect(cells.at(-1)).toBe('321');
  });

  it('measures only ours where the code of a peer is missing, and says so', async () => {
    const refs = join(folder, 'refs');
    mkdirSync(refs);
    writeFileSync(join(refs, 'soap.py'), '');
    const csv = join(folder, 'refs.csv');
    rmSync(callsOfPeer, { force: true });
    const optimizers = ['--optimizer', 'soap,shampoo', '--rounds', '1'];
    const { stdout, stderr } = await tiny(...optimizers, '--peer', peer, '--refs', refs, '--csv', csv);
    expect(csvRows(csv).map(({ optimizer, side }) => `${optimizer} ${side}`)).toEqual([
      ...['soap ours', 'soap peer', 'shampoo ours'],
    ]);
    expect(stderr).toContain('fb/distributed_shampoo is missing; only ours is measured');
    expect(stdout).toMatch(/^tiny +shampoo .* – +– /m);
    const asked = readFileSync(callsOfPeer, 'utf8').trimEnd();
    expect(asked).toMatch(
      /bench\/peer\/bench\.py --case tiny --optimizer soap --steps 10 --precision float32 --refs .*refs$/,
    );
  });

  it('compares with the faster of the peer’s two modes', async () => {
    const compiles = `const compiled = words.includes('--compile');
console.log(JSON.stringify({ ...${JSON.stringify(answer)}, compiled, mean_ms: compiled ? 50 : 80 }));`;
    const { stdout } = await adamw('--peer', fakePeer(folder, 'compiling', compiles), '--peer-compile');
    expect(stdout).toMatch(/^tiny +adamw +float32 +eager \/ compiled .* 50\.0 /m);
  });

  it('prints the measurements as JSON', async () => {
    const rows = JSON.parse((await adamw('--json')).stdout) as Record<string, unknown>[];
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ optimizer: 'adamw', side: 'ours', parameters: 4176 });
  });

  it.each([
    [
      'that fails',
      'console.error("No module named torch"); process.exit(1);',
      /ended with code 1\nNo module named torch/,
    ],
    ['that prints something else', 'console.log("hello");', /not the expected JSON document: hello/],
    [
      'that leaves a figure out',
      printing({ ...answer, mean_ms: undefined }),
      /not the expected JSON document.*\n[^]*mean_ms/,
    ],
  ])('says why it cannot use a peer %s, and keeps what it has', async (what, body, message) => {
    const csv = join(folder, `${what}.csv`);
    const { code, stderr } = await adamw('--peer', fakePeer(folder, what, body), '--csv', csv);
    expect(stderr).toMatch(message);
    expect(stderr).toContain("the peer's tiny adamw could not be measured");
    expect(code).toBe(5);
    expect(csvRows(csv)).toHaveLength(1);
  });

  it('refuses a peer that trains another model', async () => {
    const other = fakePeer(folder, 'other', printing({ ...answer, parameters: 4177 }));
    const { code, stderr } = await adamw('--peer', other);
    expect(stderr).toContain("the peer's tiny has 4177 parameters, ours 4176");
    expect(code).toBe(2);
  });

  it.each([
    [['--peer', '/nowhere/python'], 5, 'does not start'],
    [['--case', 'eigth'], 2, 'did you mean "eighth"?'],
    [['--steps', '0'], 2, '--steps is "0", expected a whole number of at least 1'],
    [['--refs', 'refs'], 2, 'give --peer'],
    [['--optimizer', 'soap', '--peer', 'python3'], 2, '--peer needs --refs'],
  ])('explains what is wrong with %j', async (words, expected, message) => {
    const { code, stderr } = await adamw(...words);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^ +at /m);
    expect(code).toBe(expected);
  });

  it('does not overwrite measurements', async () => {
    const csv = join(folder, 'there.csv');
    writeFileSync(csv, 'measured');
    const { code, stderr } = await adamw('--csv', csv);
    expect(stderr).toContain('is already there');
    expect(code).toBe(2);
    expect(readFileSync(csv, 'utf8')).toBe('measured');
  });
});

await describeOn('tensorflow', () => {
  it.each([
    [[], 'compiled'],
    [['--eager'], 'eager'],
  ])('measures with %j the mode %s', async (words, mode) => {
    const { stdout } = await runBench(
      'step',
      '--case',
      'tiny',
      '--optimizer',
      'soap',
      '--rounds',
      '1',
      '--json',
      ...words,
    );
    expect(JSON.parse(stdout)).toEqual([expect.objectContaining({ optimizer: 'soap', mode, parameters: 4176 })]);
  });
});
