import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadSweep } from '../../src/config/load.js';
import type { Manifest } from '../../src/data/manifest.js';
import type { PreparedData } from '../../src/data/prepare.js';
import { takeOver } from '../../src/experiment/take-over.js';
import { planTasks, type Task } from '../../src/experiment/tasks.js';
import { RunDirectory } from '../../src/results/directory.js';
import { lockFolder } from '../../src/files/lock.js';
import type { RunStatus } from '../../src/results/status.js';

const { variants, config } = loadSweep({ files: ['test/config/overridden.yaml'], overrides: ['seeds=0,1'] });
const tasks = planTasks(variants!, config.baseline);
const manifest = (fingerprint: string) => ({ fingerprint }) as Manifest;
const dataOf = () => ({ manifest: manifest('the text') }) as PreparedData;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'soap-bench-take-over-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function begin(folder: string, task: Task, state: RunStatus['state'], text = 'the text'): RunDirectory {
  const directory = new RunDirectory(join(root, folder, 'runs', task.id));
  directory.create(task.config, manifest(text));
  directory.writeStatus({ state, step: 3, steps: 9, started_at: '2026-01-01T00:00:00Z' });
  writeFileSync(join(directory.path, 'metrics.csv'), `of ${folder}\n`);
  return directory;
}

const take = (...runs: Task[]) =>
  takeOver(runs, { folder: join(root, 'own'), others: [join(root, 'first'), join(root, 'second')], dataOf }).map(
    ({ run, from }) => [run.id, from],
  );

describe('taking over', () => {
  it('brings what has ended elsewhere with all its files, and says from where', () => {
    const [finished, diverged, unknown] = tasks as [Task, Task, Task];
    const directory = begin('second', finished, 'finished');
    begin('first', diverged, 'diverged');
    expect(take(finished, diverged, unknown)).toEqual([
      [finished.id, join(root, 'second')],
      [diverged.id, join(root, 'first')],
    ]);
    const own = new RunDirectory(join(root, 'own', 'runs', finished.id));
    expect(own.readStatus()).toEqual(directory.readStatus());
    expect(readFileSync(join(own.path, 'metrics.csv'), 'utf8')).toBe('of second\n');
    expect(statSync(join(own.path, 'metrics.csv')).ino).toBe(statSync(join(directory.path, 'metrics.csv')).ino);
    expect(existsSync(join(root, 'own', 'runs', unknown.id))).toBe(false);
    // Another time there is nothing left to bring.
    expect(take(finished, diverged)).toEqual([]);
  });

  it.each(['running', 'interrupted', 'failed'] as const)('leaves a %s training where it is', (state) => {
    begin('first', tasks[0]!, state);
    expect(take(tasks[0]!)).toEqual([]);
  });

  it('leaves one on another text, and one that a process holds', () => {
    begin('first', tasks[0]!, 'finished', 'another text');
    expect(take(tasks[0]!)).toEqual([]);
    const unlock = lockFolder(begin('second', tasks[0]!, 'finished').path);
    expect(take(tasks[0]!)).toEqual([]);
    unlock();
    expect(take(tasks[0]!)).toHaveLength(1);
    expect(existsSync(join(root, 'own', 'runs', tasks[0]!.id, '.lock'))).toBe(false);
  });

  it('keeps what has been begun here', () => {
    const own = begin('own', tasks[0]!, 'interrupted');
    begin('first', tasks[0]!, 'finished');
    expect(take(tasks[0]!)).toEqual([]);
    expect(own.readStatus()!.state).toBe('interrupted');
  });
});
