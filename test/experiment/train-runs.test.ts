import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadSweep } from '../../src/config/load.js';
import type { Manifest } from '../../src/data/manifest.js';
import type { PreparedData } from '../../src/data/prepare.js';
import { planTasks, type Task } from '../../src/experiment/tasks.js';
import { discardRuns, examineRuns } from '../../src/experiment/train-runs.js';
import { RunDirectory } from '../../src/results/directory.js';
import { lockFolder } from '../../src/files/lock.js';
import type { RunStatus } from '../../src/results/status.js';
import { failureOf } from '../report/helpers.js';

const files = ['test/config/overridden.yaml'];
const load = (...overrides: string[]) => loadSweep({ files, overrides: ['seeds=0,1', ...overrides] });
const tasksOf = (...overrides: string[]) => planTasks(load(...overrides).variants!, load(...overrides).config.baseline);
const manifest = (fingerprint: string) => ({ fingerprint }) as Manifest;
const dataOf = () => ({ manifest: manifest('the text') }) as PreparedData;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'soap-bench-runs-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const pathOf = ({ id }: Task) => join(folder, 'runs', id);

function begin(task: Task, state: RunStatus['state'], message?: string): void {
  const directory = new RunDirectory(pathOf(task));
  directory.create(task.config, manifest('the text'));
  directory.writeStatus({ state, step: 3, steps: 9, message, started_at: '2026-01-01T00:00:00Z' });
}

describe('the runs of a folder', () => {
  it('are to be trained unless they have come to an end', () => {
    const [finished, diverged, failed, fresh] = tasksOf() as [Task, Task, Task, Task];
    begin(finished, 'finished');
    begin(diverged, 'diverged', 'the loss is not finite');
    begin(failed, 'failed', 'its process was killed');
    const { ended, pending } = examineRuns([finished, diverged, failed, fresh], { folder, dataOf });
    expect(pending).toEqual([failed, fresh]);
    expect([...ended.entries()]).toEqual([
      [finished.id, { kind: 'outcome', state: 'finished', message: undefined }],
      [diverged.id, { kind: 'outcome', state: 'diverged', message: 'the loss is not finite' }],
    ]);
  });

  it.each(['null', '{}', '{"state":"finished"}', '{"state'])('are to be trained when the status says %s', (text) => {
    const [task] = tasksOf() as [Task];
    begin(task, 'finished');
    writeFileSync(join(pathOf(task), 'status.json'), text);
    expect(examineRuns([task], { folder, dataOf }).pending).toEqual([task]);
  });

  it('are not taken for trained when their files have changed since', () => {
    const [task] = tasksOf() as [Task];
    const directory = new RunDirectory(pathOf(task));
    directory.create(task.config, manifest('the text'));
    const metrics = join(directory.path, 'metrics.csv');
    writeFileSync(metrics, 'step,loss\n9,4.1\n');
    directory.writeEnding({ state: 'finished', step: 9, steps: 9, started_at: '2026-01-01T00:00:00Z' });
    expect(examineRuns([task], { folder, dataOf }).pending).toEqual([]);
    writeFileSync(metrics, 'step,loss\n9,3.1\n');
    expect(failureOf(() => examineRuns([task], { folder, dataOf }))).toMatchObject({ code: 'results_damaged' });
  });

  it('are trained once where two labels come to the same', () => {
    const [task] = tasksOf() as [Task];
    const twin = { ...task, label: 'another', optimizer: 'another' };
    expect(examineRuns([task, twin], { folder, dataOf }).pending).toEqual([task]);
  });

  it('are the same when only checkpoints are kept otherwise, which their files then say', () => {
    const [task] = tasksOf() as [Task];
    begin(task, 'interrupted');
    const [other] = tasksOf('train.checkpoint_every=5') as [Task];
    expect(other.id).toBe(task.id);
    expect(examineRuns([other], { folder, dataOf }).pending).toEqual([other]);
    const directory = new RunDirectory(pathOf(task));
    directory.create(other.config, manifest('the text'));
    expect(directory.readConfig().train.checkpoint_every).toBe(5);
  });

  it('are refused when they were begun with another configuration or text', () => {
    const [task] = tasksOf() as [Task];
    begin(task, 'interrupted');
    const changed = () => ({ manifest: manifest('other text') }) as PreparedData;
    expect(() => examineRuns([task], { folder, dataOf: changed })).toThrow(
      expect.objectContaining({ code: 'data_changed' }) as Error,
    );
    const file = join(pathOf(task), 'config.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^seed: 0$/m, 'seed: 5'));
    expect(() => examineRuns([task], { folder, dataOf })).toThrow(/seed: 5 before, 0 now/);
  });

  it('are removed to begin anew, unless one is being trained', () => {
    const [first, second] = tasksOf() as [Task, Task];
    begin(first, 'finished');
    begin(second, 'finished');
    discardRuns([first], folder);
    expect([existsSync(pathOf(first)), existsSync(pathOf(second))]).toEqual([false, true]);
    const unlock = lockFolder(pathOf(second));
    expect(() => {
      discardRuns([second], folder);
    }).toThrow(expect.objectContaining({ code: 'run_in_use' }) as Error);
    unlock();
    expect(existsSync(join(pathOf(second), 'status.json'))).toBe(true);
  });
});
