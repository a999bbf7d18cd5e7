import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findByName } from '../../src/results/find-by-name.js';
import { removeFound } from '../../src/results/remove.js';
import { experimentDirectory, failureOf } from '../report/helpers.js';
import { refuseCalls } from '../support/refused-calls.js';

const losses: [number, number][] = [
  [0, 6],
  [10, 5],
];

/** An experiment with all that soap-bench writes into one. */
function experiment(): string {
  const directory = experimentDirectory({ steps: 10, runs: { adamw: { losses }, soap: { losses } } });
  const run = join(directory, 'runs', 'soap');
  for (const file of [
    ...['summary.csv', 'SHA256SUMS', '.lock.12', 'step_times.csv', 'config.yaml.12.tmp', 'report/report.html'],
    ...['report/charts/loss.svg', 'report/tables/runs.tex', 'slurm/1/logs/12_3.log', 'slurm/1/array-0.sh'],
    'runs/.removing-12-soap/metrics.csv',
  ]) {
    write(join(directory, file));
  }
  for (const file of [
    ...['log.txt', 'startup.json', 'dataset.json', 'SHA256SUMS', 'events.out.tfevents.1.soap-bench', '.lock'],
    ...['checkpoints/step-000010/model.safetensors', 'checkpoints/.writing-12/checkpoint.json'],
  ]) {
    write(join(run, file));
  }
  rmSync(join(run, '.lock'));
  return directory;
}

function write(file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, 'x');
}

function elsewhere(): string {
  const folder = mkdtempSync(join(tmpdir(), 'soap-bench-elsewhere-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  write(join(folder, 'config.yaml'));
  return folder;
}

const remove = (path: string) => removeFound(findByName([path], dirname(path))[0]!);
const everything = (folder: string) => readdirSync(folder, { recursive: true }).map(String).sort();

describe('removing', () => {
  it('takes all that soap-bench writes', () => {
    const directory = experiment();
    expect(remove(join(directory, 'runs', 'soap'))).toEqual([]);
    expect(readdirSync(join(directory, 'runs')).sort()).toEqual(['.removing-12-soap', 'adamw']);
    expect(remove(directory)).toEqual([]);
    expect(readdirSync(dirname(directory))).toEqual([]);
  });

  it('leaves what soap-bench has not made, and says it', () => {
    const directory = experiment();
    const mine = [
      'notes.md',
      'report/notes.md',
      'runs/mine/thesis.tex',
      'runs/mine/log.txt',
      'runs/soap/best.txt',
      'runs/soap/checkpoints/a',
    ];
    for (const file of mine) write(join(directory, file));
    mkdirSync(join(directory, 'papers'));
    expect(remove(directory).sort()).toEqual([...mine, 'papers/'].sort());
    const folders = ['papers', 'report', 'runs', 'runs/mine', 'runs/soap', 'runs/soap/checkpoints'];
    expect(everything(directory)).toEqual([...mine, ...folders].sort());
    expect(readdirSync(dirname(directory))).toEqual(['20250131-120000']);
  });

  it('does not follow links out of the folder', () => {
    const directory = experiment();
    const [other, run] = [elsewhere(), elsewhere()];
    symlinkSync(other, join(directory, 'runs', 'linked'));
    rmSync(join(directory, 'runs', 'soap'), { recursive: true });
    symlinkSync(run, join(directory, 'runs', 'soap'));
    symlinkSync(join(other, 'config.yaml'), join(directory, 'tuning.csv'));
    expect(failureOf(() => remove(join(directory, 'runs', 'soap')))).toMatchObject({
      code: 'not_removed',
      exitCode: 2,
    });
    expect(remove(directory).sort()).toEqual(['runs/linked', 'runs/soap', 'tuning.csv']);
    expect([everything(other), everything(run)]).toEqual([['config.yaml'], ['config.yaml']]);
  });

  it('refuses a link, with and without a slash at its end', () => {
    const directory = experiment();
    const link = join(dirname(directory), 'linked');
    symlinkSync(directory, link);
    for (const path of [link, `${link}/`]) {
      const failure = failureOf(() => remove(path));
      expect(failure.message).toContain(`is a link to ${directory}`);
    }
    renameSync(join(directory, 'runs'), join(dirname(directory), 'runs'));
    symlinkSync('../runs', join(directory, 'runs'));
    expect(failureOf(() => remove(directory)).message).toContain('is a link to ../runs');
    expect(existsSync(join(directory, 'config.yaml'))).toBe(true);
  });

  it('refuses folders of others that look like an experiment’s', () => {
    const directory = experimentDirectory({ steps: 10, runs: { adamw: { notStarted: true } } });
    write(join(directory, 'runs', 'events', 'log.txt'));
    expect(failureOf(() => remove(directory))).toMatchObject({ code: 'not_removed', exitCode: 2 });
    writeFileSync(join(directory, 'config.yaml'), 'hydra: true\n');
    expect(failureOf(() => remove(directory)).message).toContain("may not be soap-bench's");
    expect(everything(directory)).toEqual(['config.yaml', 'runs', 'runs/events', 'runs/events/log.txt']);
    // Runs that can be read make no experiment of it.
    const damaged = experiment();
    copyFileSync(join(damaged, 'config.yaml'), join(damaged, 'runs', 'soap', 'config.yaml'));
    writeFileSync(join(damaged, 'config.yaml'), 'hydra: true\n');
    expect(failureOf(() => remove(damaged)).message).toContain("may not be soap-bench's");
  });

  it('makes room on a full disk, where no lock can be written', () => {
    const directory = experiment();
    refuseCalls('writeFileSync', 'ENOSPC', () => true);
    expect([remove(directory), existsSync(directory)]).toEqual([[], false]);
  });

  it('refuses a run that has not been begun', () => {
    const directory = experimentDirectory({ steps: 10, runs: { adamw: { notStarted: true }, soap: {} } });
    const [found] = findByName(['adamw'], dirname(directory));
    expect(failureOf(() => removeFound(found!)).message).toContain('there is nothing of it yet');
  });
});
