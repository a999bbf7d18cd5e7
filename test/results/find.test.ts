import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findByName, nameOf } from '../../src/results/find-by-name.js';
import { findExperiments } from '../../src/results/find.js';
import { foldersIn, namesIn } from '../../src/files/folders.js';
import { lockFolder } from '../../src/files/lock.js';
import { experimentDirectory, failureOf } from '../report/helpers.js';
import { sweepDirectory, taskIds } from '../report/sweep-helpers.js';
import { refuseCalls } from '../support/refused-calls.js';

const losses: [number, number][] = [
  [0, 6],
  [10, 5],
];

/** `results` with demo/20250131-120000 (adamw finished, soap not) and the runs that a test wants besides. */
function results(soap: Parameters<typeof experimentDirectory>[0]['runs'][string] = { notStarted: true }): string {
  const directory = experimentDirectory({ steps: 10, runs: { adamw: { losses }, soap } });
  return dirname(dirname(directory));
}

describe('finding experiments', () => {
  it('finds those at any depth with all their runs, the newest first', () => {
    const root = results();
    const sweep = sweepDirectory(
      [
        { label: 'adamw', losses, status: { started_at: '2025-02-01T00:00:00.000Z' } },
        { label: 'soap', choices: { 'optimizers.soap.lr': 0.1 }, seed: 1, notStarted: true },
      ],
      undefined,
      join(root, 'published', 'demo', 'sweep'),
    );
    const [adamw, soap] = taskIds(sweep);
    const found = findExperiments(root);
    expect(found.map(({ name, kind }) => [name, kind])).toEqual([
      ['published/demo/sweep', 'sweep'],
      ['demo/20250131-120000', 'experiment'],
    ]);
    expect(found[0]!.runs.map(({ name, setting, state, config }) => [name, setting, state, config!.seed])).toEqual([
      [`published/demo/sweep/${adamw}`, 'adamw', 'finished', 0],
      [`published/demo/sweep/${soap}`, 'soap lr=0.1', 'not_started', 1],
    ]);
    expect(found[1]!.runs.map(({ name, state }) => [name, state])).toEqual([
      ['demo/20250131-120000/adamw', 'finished'],
      ['demo/20250131-120000/soap', 'not_started'],
    ]);
    expect(found[1]!.runs[1]!.config!.label).toBe('soap');
  });

  it('also finds runs that a sweep has from earlier values', () => {
    const sweep = sweepDirectory([{ label: 'adamw', losses }]);
    const folder = join(sweep, 'runs', 'soap-0123456789');
    mkdirSync(folder);
    const config = `name: demo
seed: 3
model: { n_layer: 1, d_model: 4, n_head: 1, context: 10 }
data: { corpus: sotu, tokenizer: byte }
train: { steps: 10, batch_tokens: 100, eval_every: 10, eval_tokens: 100 }
optimizers: { soap: { optimizer: soap, lr: 0.003 } }
`;
    writeFileSync(join(folder, 'config.yaml'), config);
    const [, earlier] = findExperiments(sweep)[0]!.runs;
    expect(earlier).toMatchObject({ setting: 'soap', state: 'not_started', config: { seed: 3 } });
  });

  it('tells a run that is being trained from one whose process is gone', () => {
    const root = results({ losses, status: { state: 'running', step: 4 } });
    const stateOf = () => findExperiments(root)[0]!.runs[1]!.state;
    expect(stateOf()).toBe('killed');
    const unlock = lockFolder(findExperiments(root)[0]!.runs[1]!.directory);
    expect(stateOf()).toBe('running');
    unlock();
    expect(stateOf()).toBe('killed');
  });

  it('is not kept by a damaged file from finding the rest', () => {
    const root = results({ losses });
    const { directory } = findExperiments(root)[0]!;
    writeFileSync(join(directory, 'runs', 'soap', 'eval.csv'), 'step,loss\n1,x\n');
    expect(findExperiments(root)[0]!.runs.map(({ state }) => state)).toEqual(['finished', 'damaged']);
    expect(findExperiments(root)[0]!.runs[1]!.problem).toContain('eval.csv:1');
    writeFileSync(join(directory, 'config.yaml'), 'name: [');
    const [broken] = findExperiments(root);
    expect(broken!.problem).toContain('config.yaml');
  });

  it('follows links to other disks, and finds each folder once where they go round in a circle', () => {
    const root = results({ losses });
    const { directory } = findExperiments(root)[0]!;
    const disk = mkdtempSync(join(tmpdir(), 'soap-bench-disk-'));
    onTestFinished(() => {
      rmSync(disk, { recursive: true });
    });
    renameSync(join(root, 'demo'), join(disk, 'demo'));
    symlinkSync(join(disk, 'demo'), join(root, 'demo'));
    symlinkSync(root, join(disk, 'demo', 'back'));
    symlinkSync('itself', join(root, 'itself'));
    symlinkSync('nothing', join(root, 'gone'));
    symlinkSync(root, join(root, 'again'));
    expect(findExperiments(root).map(({ name }) => name)).toEqual(['demo/20250131-120000']);
    renameSync(join(directory, 'runs', 'soap'), join(disk, 'soap'));
    symlinkSync(join(disk, 'soap'), join(directory, 'runs', 'soap'));
    expect(findExperiments(root)[0]!.runs.map(({ state }) => state)).toEqual(['finished', 'finished']);
    expect(nameOf(findByName(['soap'], root)[0]!)).toBe('demo/20250131-120000/soap');
  });

  it('finds nothing where there is nothing', () => {
    const root = results();
    rmSync(join(root, 'demo'), { recursive: true });
    expect(findExperiments(root)).toEqual([]);
  });

  it('takes only a folder that is not there for an empty one', () => {
    const root = results();
    writeFileSync(join(root, 'file'), '');
    symlinkSync('loop', join(root, 'loop'));
    for (const list of [foldersIn, namesIn]) {
      expect([list(join(root, 'none')), list(join(root, 'file'))]).toEqual([[], []]);
      const refused = failureOf(() => list(join(root, 'loop')));
      expect([refused.code, refused.message]).toEqual(['link_loop', expect.stringContaining(join(root, 'loop'))]);
    }
  });

  it('passes over folders of others, and over nothing else that the system refuses', () => {
    const root = results();
    const refuse = (folder: string, code: string) => {
      refuseCalls('readdirSync', code, (path) => path === folder);
    };
    const other = join(root, 'lost+found');
    mkdirSync(other);
    refuse(other, 'EACCES');
    const passed: string[] = [];
    expect(findExperiments(root, (folder) => passed.push(folder))).toHaveLength(1);
    expect(passed).toEqual([other]);
    refuse(other, 'EIO');
    expect(failureOf(() => findExperiments(root)).message).toMatch(/lost\+found cannot be opened: /);
    refuse(root, 'EACCES');
    expect(failureOf(() => findExperiments(root)).code).toBe('permission_denied');
    const runs = join(root, 'demo', '20250131-120000', 'runs');
    refuse(runs, 'EACCES');
    expect(findExperiments(root)[0]!.problem).toContain(`${runs} cannot be`);
  });
});

describe('names', () => {
  const find = (word: string, root: string) => nameOf(findByName([word], root)[0]!);

  it('may be the end of one, cut short while it is the only one', () => {
    const root = results();
    expect(find('demo/20250131-120000/soap', root)).toBe('demo/20250131-120000/soap');
    expect(find('soap', root)).toBe('demo/20250131-120000/soap');
    expect(find('2025/so', root)).toBe('demo/20250131-120000/soap');
    expect(find('2025', root)).toBe('demo/20250131-120000');
  });

  it('may be folders', () => {
    const root = results({ losses });
    const directory = join(root, 'demo', '20250131-120000');
    expect(find(directory, root)).toBe('demo/20250131-120000');
    expect(find(join(directory, 'runs', 'soap'), root)).toBe('demo/20250131-120000/soap');
    expect(find(directory, '/nowhere')).toBe(directory);
    expect(find(directory, directory)).toBe('20250131-120000');
  });

  it('stand for several with an asterisk', () => {
    const root = results();
    const names = (word: string) => findByName([word], root).map(nameOf);
    expect(names('2025*/*a*')).toEqual(['demo/20250131-120000/adamw', 'demo/20250131-120000/soap']);
    expect(names('s*')).toEqual(['demo/20250131-120000/soap']);
    // A dot is a dot.
    expect(failureOf(() => names('.*')).code).toBe('name_unknown');
  });

  it('prefer what is named in full', () => {
    const directory = experimentDirectory({
      steps: 10,
      runs: { soap: {}, 'soap-slow': { optimizer: 'soap' } },
    });
    expect(find('soap', dirname(directory))).toBe('20250131-120000/soap');
    const failure = failureOf(() => find('soa', dirname(directory)));
    expect(failure).toMatchObject({ code: 'name_ambiguous', exitCode: 2 });
    expect(failure.message).toContain('20250131-120000/soap\n');
    expect(failure.message).toContain('20250131-120000/soap-slow');
  });

  it('are corrected when nothing is called so', () => {
    const root = results();
    const failure = failureOf(() => find('sopa', root));
    expect(failure).toMatchObject({ code: 'name_unknown', exitCode: 2 });
    expect(failure.message).toContain('did you mean "soap"?');
    expect(failureOf(() => find(root, root)).code).toBe('not_an_experiment');
  });
});
