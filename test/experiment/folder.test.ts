import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadSweep } from '../../src/config/load.js';
import {
  experimentFolder,
  readPlan,
  removeIfEmpty,
  sweepFolder,
  writeExperimentFolder,
  writeSweepFolder,
} from '../../src/experiment/folder.js';
import { planTasks } from '../../src/experiment/tasks.js';

const loaded = loadSweep({ files: ['test/config/overridden.yaml'], overrides: ['seeds=0,1', 'name=mine'] });
const { config } = loaded;
const tasks = planTasks(loaded.variants!, config.baseline);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'soap-bench-folder-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});
const refusal = expect.objectContaining({ code: 'output_not_empty', exitCode: 2 }) as Error;

describe('the folder of the results', () => {
  it('is given back where nothing has begun, and nothing else with it', () => {
    const taken = join(folder, 'results', 'mine', '1');
    mkdirSync(taken, { recursive: true });
    removeIfEmpty(taken);
    expect(readdirSync(folder)).toEqual([]);
    mkdirSync(taken, { recursive: true });
    mkdirSync(join(folder, 'results', 'mine', '2'));
    removeIfEmpty(taken);
    expect(readdirSync(join(folder, 'results', 'mine'))).toEqual(['2']);
    writeFileSync(join(folder, 'results', 'mine', '2', 'of-mine'), '');
    removeIfEmpty(join(folder, 'results', 'mine', '2'));
    expect(existsSync(join(folder, 'results', 'mine', '2', 'of-mine'))).toBe(true);
  });

  it('is named after the experiment and its time, or is that of its sweep', () => {
    const time = new Date(2026, 2, 1, 4, 5, 6);
    const before = process.cwd();
    process.chdir(folder);
    try {
      const folders = [1, 2, 3].map(() => experimentFolder(config, undefined, time));
      // Those that begin in the same second have a folder each.
      expect(folders).toEqual(['', '-2', '-3'].map((end) => join('results', 'mine', `20260301-040506${end}`)));
    } finally {
      process.chdir(before);
      rmSync(join(folder, 'results'), { recursive: true });
    }
    expect(sweepFolder(config, undefined)).toBe(join('results', 'mine', 'sweep'));
    expect(experimentFolder(config, folder)).toBe(folder);
  });

  it('may hold what a process left that was killed before it wrote anything', () => {
    mkdirSync(join(folder, 'runs'));
    for (const name of ['.lock', '.lock.77', 'config.yaml.77.tmp']) writeFileSync(join(folder, name), '');
    expect(experimentFolder(config, folder)).toBe(folder);
    expect(sweepFolder(config, folder)).toBe(folder);
  });

  it.each(['notes.txt', join('runs', 'mine.txt')])('is not one that holds %s', (name) => {
    mkdirSync(join(folder, 'runs'));
    writeFileSync(join(folder, name), '');
    expect(() => experimentFolder(config, folder)).toThrow(refusal);
    expect(() => sweepFolder(config, folder)).toThrow(refusal);
  });

  it('is new for every experiment, and the same for a sweep', () => {
    writeSweepFolder(loaded, tasks, folder);
    expect(sweepFolder(config, folder)).toBe(folder);
    expect(() => experimentFolder(config, folder)).toThrow(refusal);
  });
});

describe('what is to be trained in a folder', () => {
  it('is as it was planned', () => {
    writeSweepFolder(loaded, tasks, folder);
    expect(readPlan(folder)).toEqual({ kind: 'sweep', name: 'mine', baseline: 'adamw', fixed: tasks, tunings: [] });
    const other = join(folder, 'other');
    mkdirSync(other);
    writeExperimentFolder(config, other);
    const plan = readPlan(other);
    expect(plan).toMatchObject({ kind: 'experiment', fixed: [{ id: 'adamw' }, { id: 'soap' }], tunings: [] });
  });

  it('is nothing in another folder', () => {
    expect(() => readPlan(folder)).toThrow(expect.objectContaining({ code: 'not_an_experiment' }) as Error);
  });
});
