import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadSweep } from '../../src/config/load.js';
import { codeChange, openTask } from '../../src/experiment/cluster-task.js';
import { writeSweepFolder } from '../../src/experiment/folder.js';
import { writeSubmission } from '../../src/experiment/slurm/submission.js';
import { planTasks } from '../../src/experiment/tasks.js';
import { codeVersion } from '../../src/results/environment.js';

const loaded = loadSweep({ files: ['test/config/overridden.yaml'], overrides: ['seeds=0,1'] });
const tasks = planTasks(loaded.variants!, loaded.config.baseline);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'soap-bench-task-'));
  writeSweepFolder(loaded, tasks, folder);
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const codeOf = (action: () => unknown) => {
  try {
    action();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'none';
};

describe('the task of a job', () => {
  it('is the one at its place in the list, whatever the sweep’s own list says', () => {
    const sweep = join(folder, 'sweep');
    const { task, otherCode, steps } = openTask(sweep, folder, 1);
    expect(task).toEqual(tasks[1]);
    expect([otherCode, steps()]).toEqual([undefined, 0]);
    expect(readFileSync(join(sweep, 'tasks.json'), 'utf8')).toBe(readFileSync(join(folder, 'tasks.json'), 'utf8'));
    writeSweepFolder(loaded, tasks.slice(0, 1), sweep);
    expect(openTask(sweep, folder, 3).task.id).toBe(tasks[3]!.id);
    expect(JSON.parse(readFileSync(join(sweep, 'tasks.json'), 'utf8'))).toMatchObject({
      tasks: [{ id: tasks[0]!.id }],
    });
  });

  it('is refused beyond the list’s end and where there is none', () => {
    expect(codeOf(() => openTask(folder, folder, 4))).toBe('unknown_task');
    expect(codeOf(() => openTask(folder, join(folder, 'nothing'), 0))).toBe('not_a_sweep');
  });

  it('tells when soap-bench is not the one that was handed over', () => {
    const code = codeVersion();
    writeSubmission(folder, { submitted_at: '2026-01-01T00:00:00Z', code, jobs: [] });
    expect(openTask(folder, folder, 0).otherCode).toBeUndefined();
    writeSubmission(folder, { submitted_at: '2026-01-01T00:00:00Z', code: { ...code, soap_bench: '0.0.1' }, jobs: [] });
    expect(openTask(folder, folder, 0).otherCode).toContain('was 0.0.1');
  });

  it('names versions by number, commit and changes', () => {
    const version = { soap_bench: '0.1.0', git_commit: 'a'.repeat(40), git_dirty: false };
    expect(codeChange(version, { ...version })).toBeUndefined();
    expect(codeChange(version, { ...version, git_dirty: true })).toBe(
      'soap-bench is 0.1.0 (aaaaaaa, changed) now, and was 0.1.0 (aaaaaaa) when this was handed over',
    );
    expect(codeChange({ ...version, git_commit: null }, { ...version, soap_bench: '0.2.0', git_commit: null })).toBe(
      'soap-bench is 0.2.0 now, and was 0.1.0 when this was handed over',
    );
  });
});
