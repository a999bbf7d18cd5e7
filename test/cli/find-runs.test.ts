import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readStudy } from '../../src/results/study.js';
import { analyse } from '../../src/analysis/analysis.js';
import { registerList } from '../../src/cli/commands/list.js';
import { registerRemove } from '../../src/cli/commands/rm.js';
import { registerShow } from '../../src/cli/commands/show.js';
import { writeStudyFiles } from '../../src/report/csv/study-files.js';
import { lockFolder } from '../../src/files/lock.js';
import { experimentDirectory, quickstartSketch } from '../report/helpers.js';
import { sweepDirectory } from '../report/sweep-helpers.js';
import { inProcess } from './in-process.js';

/** An experiment with three runs that are finished, `<results>/demo/20250131-120000`. */
function results(): { root: string; directory: string } {
  const directory = experimentDirectory(quickstartSketch());
  return { root: dirname(dirname(directory)), directory };
}

const list = (...words: string[]) => inProcess(registerList, 'list', ...words);
const show = (...words: string[]) => inProcess(registerShow, 'show', ...words);
const remove = (...words: string[]) => inProcess(registerRemove, 'rm', ...words);
const parse = ({ stdout }: { stdout: string }) => JSON.parse(stdout) as Record<string, unknown>;

describe('soap-bench list', () => {
  it('has a line a run', async () => {
    const { stdout } = await list(results().root);
    expect(stdout.trimEnd().split('\n')).toHaveLength(5);
    expect(stdout).toMatch(/^run +lr +seed +state +val loss +training +started\n/);
    expect(stdout).toMatch(/\ndemo\/20250131-120000\/soap +0.003 +0 +finished +4\.651 +31\.8 s +2025-01-31/);
  });

  it('filters, sorts and limits', async () => {
    const { root } = results();
    const names = async (...words: string[]) => {
      const { runs } = parse(await list(root, '--json', ...words)) as { runs: { setting: string }[] };
      return runs.map(({ setting }) => setting);
    };
    expect(await names()).toEqual(['adamw', 'shampoo', 'soap']);
    expect(await names('--optimizer', 'soap', 'adamw')).toEqual(['adamw', 'soap']);
    expect(await names('--sort', 'final_loss')).toEqual(['soap', 'shampoo', 'adamw']);
    expect(await names('--sort', 'final_loss', '--reverse', '--limit', '1')).toEqual(['adamw']);
    expect(await names('--state', 'failed')).toEqual([]);
    expect(await names('--since', '2025-02-01')).toEqual([]);
    expect(await names('--where', 'final_loss<4.9', 'setting!=soap')).toEqual(['shampoo']);
    await expect(list(root, '--state', 'tired')).rejects.toThrow(/Allowed choices/);
    await expect(list(join(root, 'nothing'))).rejects.toMatchObject({ code: 'folder_unknown', exitCode: 2 });
  });

  it('has a line an experiment, too', async () => {
    const { root } = results();
    const sweep = sweepDirectory(
      [
        { label: 'soap', losses: [[20, 3]], status: { started_at: '2025-02-01T00:00:00.000Z' } },
        { label: 'adamw', notStarted: true },
      ],
      undefined,
      join(root, 'other', 'sweep'),
    );
    const { experiments } = parse(await list(root, '--experiments', '--json'));
    expect(experiments).toMatchObject([
      { experiment: 'other/sweep', kind: 'sweep', runs: 2, states: { finished: 1, not_started: 1 }, directory: sweep },
      {
        experiment: 'demo/20250131-120000',
        kind: 'experiment',
        runs: 3,
        states: { finished: 3 },
        best_setting: 'soap',
      },
    ]);
    const { stdout } = await list(root, '--experiments');
    expect(stdout).toMatch(/other\/sweep +2 +1 finished, 1 not started +3\.000 +soap/);
  });

  it('says which files it cannot read, and lists the rest', async () => {
    const { root, directory } = results();
    writeFileSync(join(directory, 'runs', 'soap', 'status.json'), '{');
    const { stdout, stderr } = await list(root);
    expect(stdout).toMatch(/soap +0.003 +0 +damaged/);
    expect(stdout).toMatch(/shampoo +0.003 +0 +finished/);
    expect(stderr).toContain('status.json');
  });
});

describe('soap-bench show', () => {
  it('shows a run', async () => {
    const { root, directory } = results();
    const { stdout } = await show('soap', '--dir', root);
    expect(stdout).toMatch(/^demo\/20250131-120000\/soap: finished, 200 of 200 steps\n/);
    expect(stdout).toContain('soap: lr 0.003\n');
    expect(stdout).toMatch(/step 155 ms/);
    expect(stdout).toContain(join(directory, 'runs', 'soap'));
    expect(stdout).not.toContain('resume');
    const page = parse(await show(join(directory, 'runs', 'soap'), '--dir', root, '--json'));
    expect(page).toMatchObject({
      setting: 'soap',
      config: { optimizers: { soap: { optimizer: 'soap' } } },
      resume: null,
    });
  });

  it('says which options are not the default ones, and how to go on', async () => {
    const directory = experimentDirectory({
      steps: 10,
      runs: { adamw: { losses: [[0, 6]], status: { state: 'interrupted', step: 4 } } },
    });
    const config = readFileSync(join(directory, 'config.yaml'), 'utf8').replace(
      'lr: 0.003',
      'lr: 0.003\n    eps: 1e-5',
    );
    writeFileSync(join(directory, 'config.yaml'), config);
    mkdirSync(join(directory, 'runs', 'adamw', 'checkpoints', 'step-000004'), { recursive: true });
    const { stdout } = await show(join(directory, 'runs', 'adamw'));
    expect(stdout).toContain('interrupted, 4 of 10 steps');
    expect(stdout).toContain('adamw: lr 0.003, eps 0.00001\n');
    // A long path has a line of its own.
    expect(stdout.replace(/\n +/g, ' ')).toContain(`soap-bench resume ${directory}`);
    expect(stdout).toMatch(/checkpoints +steps? 4\n/);
  });

  it('shows an experiment', async () => {
    const { root, directory } = results();
    const { stdout } = await show('2025', '--dir', root);
    expect(stdout).toMatch(/^demo\/20250131-120000: experiment with 3 runs, \d/);
    expect(stdout).toContain(`soap-bench compare ${directory}`);
  });
});

describe('soap-bench rm', () => {
  it('removes an experiment, and nothing of it is left', async () => {
    const { root, directory } = results();
    const { stdout } = await remove('2025', '--dir', root, '--yes');
    expect(stdout).toBe(`removed ${directory}\n`);
    expect(readdirSync(dirname(directory))).toEqual([]);
  });

  it('removes a run and takes it out of the summary', async () => {
    const { root, directory } = results();
    writeStudyFiles(analyse(readStudy(directory)));
    const document = parse(await remove('shampoo', 'shampoo', '--dir', root, '--yes', '--json'));
    expect(document.removed).toMatchObject([{ name: 'demo/20250131-120000/shampoo', runs: 1 }]);
    expect(readdirSync(join(directory, 'runs'))).toEqual(['adamw', 'soap']);
    expect(readFileSync(join(directory, 'summary.csv'), 'utf8')).toMatch(/shampoo,shampoo,0.003,0,not_started/);
  });

  it('asks first, and refuses where nobody can be asked', async () => {
    const { root, directory } = results();
    await expect(remove('2025', '--dir', root)).rejects.toMatchObject({ code: 'confirmation_needed', exitCode: 2 });
    expect(existsSync(join(directory, 'config.yaml'))).toBe(true);
  });

  it('removes nothing that a process writes into', async () => {
    const { root, directory } = results();
    for (const held of [directory, join(directory, 'runs', 'adamw')]) {
      const unlock = lockFolder(held);
      await expect(remove('2025', '--dir', root, '--yes')).rejects.toMatchObject({ code: 'run_in_use', exitCode: 6 });
      unlock();
    }
    const unlock = lockFolder(directory);
    await expect(remove('soap', '--dir', root, '--yes')).rejects.toMatchObject({ code: 'run_in_use' });
    unlock();
    expect(readdirSync(join(directory, 'runs'))).toEqual(['adamw', 'shampoo', 'soap']);
  });

  it('removes nothing that soap-bench has not made, and all or nothing', async () => {
    const { root, directory } = results();
    await expect(remove(root, '--dir', root, '--yes')).rejects.toMatchObject({ code: 'not_an_experiment' });
    await expect(remove('soap', 'nothing', '--dir', root, '--yes')).rejects.toMatchObject({ code: 'name_unknown' });
    expect(readdirSync(join(directory, 'runs'))).toEqual(['adamw', 'shampoo', 'soap']);
  });
});
