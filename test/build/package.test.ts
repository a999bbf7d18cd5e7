import { execFile, execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const place = mkdtempSync(join(tmpdir(), 'soap-bench-package-'));

/** Unpacks what `npm pack` makes into node_modules, and links its dependencies instead of fetching them. */
beforeAll(() => {
  const modules = join(place, 'node_modules');
  mkdirSync(join(modules, 'soap-bench'), { recursive: true });
  const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', place];
  const file = execFileSync('npm', pack, { cwd: root, encoding: 'utf8' }).trim();
  execFileSync('tar', ['-xzf', join(place, file), '--strip-components=1', '-C', join(modules, 'soap-bench')]);
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (!name.startsWith('.')) symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  writeFileSync(join(place, 'text.txt'), 'the old grey whale swam under a quiet moon and sang of storms. '.repeat(400));
  writeFileSync(
    join(place, 'mine.yaml'),
    `engine: cpu
model: { n_layer: 1, d_model: 16, n_head: 2, context: 16 }
data: { corpus: text.txt, tokenizer: byte }
train: { batch_tokens: 64, eval_every: 6, eval_tokens: 64, schedule: { name: cosine, warmup_steps: 2 } }
optimizers: { adamw: { lr: 3e-3 }, sgd: { lr: 1e-2 } }
`,
  );
});
afterAll(() => {
  rmSync(place, { recursive: true, force: true });
});

/** The first script of docs/api.md. */
const example = /```ts\n([\s\S]+?)```/.exec(readFileSync(join(root, 'docs/api.md'), 'utf8'))![1]!;

async function run(script: string): Promise<string> {
  writeFileSync(join(place, 'script.mjs'), script);
  const { stdout } = await promisify(execFile)(process.execPath, ['script.mjs'], { cwd: place });
  return stdout;
}

describe('the package', () => {
  it('has types for the script of the documentation', async () => {
    writeFileSync(join(place, 'script.mts'), example);
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022'];
    const checked = promisify(execFile)(process.execPath, [compiler, ...options, 'script.mts'], { cwd: place });
    await expect(checked.catch((error: unknown) => (error as { stdout: string }).stdout)).resolves.toMatchObject({
      stdout: '',
    });
  });

  it('trains, reads and compares by that script', async () => {
    const lines = (await run(example)).trim().split('\n');
    expect(lines.slice(0, 4).toSorted()).toEqual(
      [0, 1].flatMap((seed) => [`adamw seed=${seed}`, `sgd seed=${seed}`]).toSorted(),
    );
    expect(lines.slice(4)).toEqual([
      expect.stringMatching(/^adamw \d\.\d{3} 4 runs$/),
      expect.stringMatching(/^sgd \d\.\d{3} 4 runs$/),
    ]);
  });

  it('stops at a signal, resumes, and says nothing by itself', async () => {
    const stdout = await run(`
      import { resumeFolder, trainFolder } from 'soap-bench';
      const stop = new AbortController();
      const observer = { message: (run, message) => message.type === 'evaluation' && stop.abort() };
      const source = { files: ['mine.yaml'], overrides: ['train.steps=40', '~optimizers.sgd'] };
      const { folder, outcomes } = await trainFolder(source, { folder: 'stopped', signal: stop.signal, observer });
      const resumed = await resumeFolder(folder);
      console.log(JSON.stringify([outcomes.get('adamw').state, resumed.outcomes.get('adamw').state]));
    `);
    expect(JSON.parse(stdout)).toEqual(['interrupted', 'finished']);
  });

  it('throws what an observer throws, when the runs have ended', async () => {
    const stdout = await run(`
      import { trainFolder } from 'soap-bench';
      const observer = { message() { throw new RangeError('mine'); } };
      const source = { files: ['mine.yaml'], overrides: ['train.steps=4000', 'seeds=0,1'] };
      const error = await trainFolder(source, { folder: 'thrown', jobs: 2, observer }).catch((thrown) => thrown);
      console.log(JSON.stringify([error.name, error.message]));
    `);
    expect(JSON.parse(stdout)).toEqual(['RangeError', 'mine']);
    expect(existsSync(join(place, 'thrown/.lock'))).toBe(false);
    const statuses = readdirSync(join(place, 'thrown/runs')).map((run) =>
      join(place, 'thrown/runs', run, 'status.json'),
    );
    const states = statuses
      .filter((file) => existsSync(file))
      .map((file) => JSON.parse(readFileSync(file, 'utf8')) as { state: string });
    expect(states.map(({ state }) => state)).not.toContain('running');
  });

  it('throws mistakes as errors with a code and a hint', async () => {
    const stdout = await run(`
      import { resumeFolder, SoapBenchError, timeFolder, trainFolder } from 'soap-bench';
      const source = { files: ['mine.yaml'], overrides: ['train.steps=4'] };
      const failures = [
        () => trainFolder({ files: ['mine.yaml'], overrides: ['optimizers.soup.lr=1'] }),
        () => trainFolder({ files: [] }),
        () => trainFolder({ files: 'mine.yaml' }),
        () => trainFolder(source, { jobs: 0, folder: 'never' }),
        () => trainFolder(source, { folder: '' }),
        () => trainFolder(source, { rerun: true }),
        () => resumeFolder('nowhere'),
        () => timeFolder('nowhere'),
      ];
      const codes = [];
      for (const fail of failures) {
        codes.push(await fail().then(() => 'none', (error) => (error instanceof SoapBenchError ? error.code : error.stack)));
      }
      console.log(JSON.stringify(codes));
    `);
    expect(JSON.parse(stdout)).toEqual([
      'config_invalid',
      'config_invalid',
      'usage',
      'usage',
      'usage',
      'nothing_to_rerun',
      'not_an_experiment',
      'not_an_experiment',
    ]);
    for (const left of ['never', 'results/mine/never']) expect(existsSync(join(place, left))).toBe(false);
  });
});
