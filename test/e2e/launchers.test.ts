import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Workspace } from './command.js';

const words = ['run', 'tiny.yaml', '~optimizers.shampoo', 'train.steps=4'];
const kubernetes = ['kubernetes.image=registry/soap-bench:1', 'kubernetes.claim=results', '--launcher', 'kubernetes'];

let place: Workspace;
beforeAll(() => {
  place = new Workspace({ engine: 'wasm' });
});
afterAll(() => {
  place.remove();
});

const errorCode = (stdout: string) => (JSON.parse(stdout) as { error: { code: string } }).error.code;

describe('--launcher slurm where there is no Slurm', () => {
  // Programs of this machine's Slurm are not found.
  const env = { PATH: '/nowhere' };

  it('says so, and has handed over nothing', async () => {
    const { code, stderr } = await place.run([...words, '--launcher', 'slurm', '--output', 'absent'], env);
    expect(code).toBe(6);
    expect(stderr).toContain('Slurm is not here: there is no command scontrol');
    expect((await place.run(['status', 'absent'], env)).stdout).toMatch(/2 not started\.\n$/);
  });

  it('prints the script with --dry-run, and writes nothing', async () => {
    const dry = [...words, 'slurm.partition=gpu', '--launcher', 'slurm', '--dry-run', '--output', 'dry'];
    const { code, stdout } = await place.run(dry, env);
    expect(code).toBe(0);
    expect(stdout).toContain('#SBATCH --array=0-1%256\n');
    expect(stdout).toContain('#SBATCH --partition=gpu\n');
    expect(stdout).toContain(
      `task ${join(place.path, 'dry')} --tasks ${join(place.path, 'dry', 'slurm', '1')} $((0 + SLURM_ARRAY_TASK_ID))`,
    );
    expect(place.list()).not.toContain('dry');
  });

  it('prints it as well where Slurm’s commands are and do not work', async () => {
    const programs = join(place.path, 'programs');
    mkdirSync(programs);
    writeFileSync(join(programs, 'scontrol'), '#!/bin/sh\necho "no controller" >&2; exit 1\n', { mode: 0o755 });
    const slurm = [...words, '--launcher', 'slurm', '--output', 'dry'];
    const dry = await place.run([...slurm, '--dry-run'], { PATH: `${programs}:/bin` });
    expect([dry.code, dry.stdout.startsWith('#!/bin/bash\n')]).toEqual([0, true]);
    const { code, stderr } = await place.run(slurm, { PATH: `${programs}:/bin` });
    expect([code, stderr]).toEqual([6, expect.stringContaining('scontrol refused: no controller')]);
  });

  it('trains what a job would, by its number', async () => {
    const first = await place.run(['task', 'absent', '0'], env);
    expect(first.code, first.stderr).toBe(0);
    expect(first.stderr).toContain('adamw seed=0 (adamw-');
    const { stdout } = await place.run(['status', 'absent', '--json'], env);
    const { counts, runs } = JSON.parse(stdout) as { counts: object; runs: { state: string; step: number }[] };
    expect(counts).toMatchObject({ done: 1, not_started: 1 });
    expect(runs.map(({ state, step }) => [state, step])).toEqual([
      ['done', 4],
      ['not_started', 0],
    ]);
    const beyond = await place.run(['task', 'absent', '2'], env);
    expect([beyond.code, beyond.stderr]).toEqual([2, expect.stringContaining('absent has no task 2: it has 2')]);
    const collected = await place.run(['collect', 'absent'], env);
    expect(collected.code, collected.stderr).toBe(0);
    expect(place.csv('absent', 'runs.csv').map(({ state }) => state)).toEqual(['finished', 'not_started']);
  });

  it('has nothing to cancel', async () => {
    const { code, stdout } = await place.run(['cancel', 'absent', '--json'], env);
    expect([code, errorCode(stdout)]).toEqual([2, 'nothing_to_cancel']);
  });
});

describe('status', () => {
  it('of what was submitted says what is missing where there is no Slurm', async () => {
    const submission = join(place.path, 'absent', 'slurm', '1');
    mkdirSync(submission, { recursive: true });
    const code = { soap_bench: '0.1.0', git_commit: null, git_dirty: null };
    const jobs = [{ id: '12', tasks: ['soap-0'] }];
    writeFileSync(
      join(submission, 'submission.json'),
      JSON.stringify({ submitted_at: '2026-01-01T00:00:00Z', code, jobs }),
    );
    const { stdout, stderr } = await place.run(['status', 'absent'], { PATH: '/nowhere' });
    expect(stderr).toContain('warning: Slurm is not here: there is no command squeue;');
    expect(stdout).toMatch(/1 done, 1 not started\.\n$/);
  });

  it('of an experiment on this machine follows it', async () => {
    const { child, finished } = place.start([...words, 'train.steps=100000', '--output', 'local']);
    const status = join(place.path, 'local', 'runs', 'adamw', 'status.json');
    while (!existsSync(status) || !readFileSync(status, 'utf8').includes('"running"')) await sleep(20);
    const followed = JSON.parse((await place.run(['status', 'local', '--json'])).stdout) as { runs: object[] };
    expect(followed.runs).toMatchObject([
      { run: 'adamw', state: 'running' },
      { run: 'soap', state: 'pending' },
    ]);
    child.kill('SIGTERM');
    expect((await finished).code).toBe(75);
    const { stdout } = await place.run(['status', 'local']);
    expect(stdout).toMatch(/adamw +adamw +stopped +[\d,]+\/100,000\n/);
    expect(stdout).toMatch(/1 stopped, 1 not started\.\n$/);
  });

  it('of another folder is a mistake', async () => {
    const { code, stdout } = await place.run(['status', 'nothing', '--json']);
    expect([code, errorCode(stdout)]).toEqual([2, 'not_an_experiment']);
  });
});

describe('--launcher kubernetes', () => {
  it('writes a manifest, and the list of tasks with it', async () => {
    const { stdout } = await place.run([...words, ...kubernetes, 'seeds=0,1', '--render', '-']);
    expect(stdout).toContain('completions: 4\n');
    expect(stdout).toContain('/work/results/tiny/sweep');
    const { code, stderr } = await place.run([...words, ...kubernetes, 'seeds=0,1', '--render', 'job.yaml']);
    expect([code, stderr]).toEqual([
      0,
      'job.yaml: 4 tasks; hand it over with `kubectl apply --server-side -f job.yaml`\n',
    ]);
    expect(place.read('job.yaml')).toBe(stdout);
    expect(place.list()).not.toContain('results');
  });

  it('trains from the list alone', async () => {
    const { stdout } = await place.run([...words, ...kubernetes, '--render', '-']);
    const { parseAllDocuments } = await import('yaml');
    const [map] = parseAllDocuments(stdout).map((document) => document.toJS() as { data: Record<string, string> });
    mkdirSync(join(place.path, 'config-map'));
    writeFileSync(join(place.path, 'config-map', 'tasks.json'), map!.data['tasks.json']!);
    const { code, stderr } = await place.run(['task', 'volume/sweep', '--tasks', 'config-map', '1']);
    expect(code, stderr).toBe(0);
    expect((await place.run(['status', 'volume/sweep'])).stdout).toMatch(/1 done, 1 not started\.\n$/);
  });

  it.each([
    [kubernetes, 'not_rendered'],
    [['--launcher', 'kubernetes', '--render', '-'], 'kubernetes_missing'],
    [['--render', '-'], 'nothing_to_render'],
    [['--launcher', 'slurm', '--render', '-'], 'nothing_to_render'],
    [['--launcher', 'slurm', 'optimizers.soap.tune.lr=1e-3,1e-2'], 'tuned_here_only'],
  ])('%j is a mistake', async (more, expected) => {
    const { code, stdout } = await place.run([...words, ...more, '--json']);
    expect([code, errorCode(stdout)]).toEqual([2, expected]);
  });
});
