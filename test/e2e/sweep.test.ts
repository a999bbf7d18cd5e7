import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Workspace } from './command.js';
import { lossColumns } from './lasting-columns.js';

let place: Workspace;
beforeAll(() => {
  place = new Workspace({ engine: 'wasm' });
});
afterAll(() => {
  place.remove();
});

const words = ['run', 'tiny.yaml', '~optimizers.shampoo', 'train.steps=8', 'seeds=0,1'];
const folder = join('results', 'tiny', 'sweep');

interface Document {
  pending: number;
  estimated_s: number | null;
  tasks: { task: string; optimizer: string; seed: number; finished: boolean; estimated_s: number | null }[];
  error?: { code: string };
}

const json = (text: string) => JSON.parse(text) as Document;

/** When each task was trained, by its id. */
function startTimes(): Map<string, string> {
  const started = (id: string) => JSON.parse(place.read(folder, 'runs', id, 'status.json')) as { started_at: string };
  return new Map(place.list(folder, 'runs').map((id) => [id, started(id).started_at]));
}

/** Tasks that were not there before or have been trained again. */
function trainedSince(before: Map<string, string>): string[] {
  return [...startTimes()].filter(([id, time]) => before.get(id) !== time).map(([id]) => id.split('-')[0]!);
}

describe('a sweep', () => {
  it('lists its tasks and measures their time, and writes no results', async () => {
    const before = place.list().filter((name) => name !== 'datasets');
    const { code, stdout, stderr } = await place.run([
      ...words,
      'optimizers.soap.precondition_frequency=1,4',
      '--dry-run',
    ]);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/6 {2}soap-[0-9a-f]{10} +soap precondition_frequency=4 seed=1 +8 +about \d/);
    expect(stdout).toMatch(/tiny: 6 tasks; 6 to train, about [\d.]+ m?s, from steps measured here and now\./);
    // One of those that cost the same.
    expect(stderr.match(/measuring a few steps of/g)).toHaveLength(3);
    expect(place.list().filter((name) => name !== 'datasets')).toEqual(before);
  });

  it('trains every task, the seeds paired, and says what they came to', async () => {
    const { code, stdout, stderr } = await place.run([...words, 'optimizers.soap.precondition_frequency=1,4']);
    expect(code, stderr).toBe(0);
    const runs = place.csv(folder, 'runs.csv');
    expect(runs.map(({ label, seed, state }) => [label, seed, state])).toEqual([
      ['adamw', '0', 'finished'],
      ['adamw', '1', 'finished'],
      ['soap precondition_frequency=1', '0', 'finished'],
      ['soap precondition_frequency=1', '1', 'finished'],
      ['soap precondition_frequency=4', '0', 'finished'],
      ['soap precondition_frequency=4', '1', 'finished'],
    ]);
    expect(place.list(folder, 'runs')).toEqual(runs.map(({ task }) => task).sort());
    const first = runs.map(({ task }) => place.csv(folder, 'runs', task!, 'metrics.csv')[0]!.loss);
    expect([first[2], first[4]]).toEqual([first[0], first[0]]);
    expect([first[3], first[5]]).toEqual([first[1], first[1]]);
    expect(first[1]).not.toBe(first[0]);
    const settings = place.csv(folder, 'summary.csv');
    expect(settings.map(({ setting, final_loss_n }) => [setting, final_loss_n])).toEqual([
      ['adamw', '2'],
      ['soap precondition_frequency=1', '2'],
      ['soap precondition_frequency=4', '2'],
    ]);
    expect(stdout).toMatch(/adamw \(baseline\) .* 2 +\d\.\d{3} ± \d\.\d{3}/);
    expect(stdout).toContain(join(folder, 'summary.csv'));
  });

  it('trains nothing again, and only what is new', async () => {
    const before = startTimes();
    const same = await place.run([...words, 'optimizers.soap.precondition_frequency=1,4']);
    expect(same.code).toBe(0);
    expect(same.stderr).toContain('6 tasks, 6 of them finished before');
    expect(trainedSince(before)).toEqual([]);

    const plan = await place.run([...words, 'optimizers.soap.precondition_frequency=1,2,4', '--dry-run', '--json']);
    const { pending, tasks } = json(plan.stdout);
    expect(pending).toBe(2);
    expect(tasks.map(({ finished }) => finished)).toEqual([true, true, true, true, false, false, true, true]);
    expect(tasks.filter(({ finished }) => !finished).every(({ estimated_s }) => estimated_s! > 0)).toBe(true);
    expect(plan.stderr).toBe('');

    expect((await place.run([...words, 'optimizers.soap.precondition_frequency=1,2,4'])).code).toBe(0);
    expect(trainedSince(before)).toEqual(['soap', 'soap']);
    expect(place.csv(folder, 'summary.csv')).toHaveLength(4);
  });

  it('runs again from the configuration that it wrote', async () => {
    const before = startTimes();
    expect((await place.run(['run', join(folder, 'config.yaml')])).code).toBe(0);
    expect(trainedSince(before)).toEqual([]);
    expect(place.csv(folder, 'runs.csv')).toHaveLength(8);
  });

  it('trains all again with --rerun, to the same losses', async () => {
    const losses = () => place.csv(folder, 'runs.csv').map(({ final_loss }) => final_loss);
    const narrow = [...words, '~optimizers.soap'];
    expect((await place.run(narrow)).code).toBe(0);
    const [before, earlier] = [startTimes(), losses()];
    expect((await place.run([...narrow, '--rerun'])).code).toBe(0);
    expect(trainedSince(before)).toEqual(['adamw', 'adamw']);
    expect(losses()).toEqual(earlier);
  });

  const long = ['tiny.yaml', '~optimizers.shampoo', '~optimizers.adamw', 'seeds=[7]', 'train.steps=300', 'engine=auto'];
  const statusOf = (at: string, id: string) =>
    JSON.parse(place.read(at, 'runs', id, 'status.json')) as { pid: number; state: string; resumed_from?: number[] };

  /** Starts the sweep of one task and waits until it has made a checkpoint. */
  async function begun(at: string, more: string[]) {
    const started = place.start(['run', ...long, ...more, '--output', at]);
    let id = '';
    while (id === '' || !existsSync(join(place.path, at, 'runs', id, 'checkpoints', 'step-000050'))) {
      await sleep(20);
      if (existsSync(join(place.path, at, 'runs'))) id = place.list(at, 'runs')[0] ?? '';
    }
    return { ...started, id };
  }

  it('goes on after a checkpoint of the task that was stopped, by itself or with resume', async () => {
    expect((await place.run(['run', ...long, '--output', 'whole'])).code).toBe(0);
    const { child, finished, id } = await begun('stopped', ['train.checkpoint_every=50']);
    const { pid } = statusOf('stopped', id);
    process.kill(pid, 'SIGSTOP');
    const meanwhile = await place.run(['run', ...long, '--output', 'stopped', '--json']);
    expect([meanwhile.code, json(meanwhile.stdout).error?.code]).toEqual([6, 'run_in_use']);
    child.kill('SIGTERM');
    process.kill(pid, 'SIGCONT');
    const { code, stderr } = await finished;
    expect(code, stderr).toBe(75);
    expect(stderr).toContain('To go on later: soap-bench resume stopped');
    expect(statusOf('stopped', id).state).toBe('interrupted');
    cpSync(join(place.path, 'stopped'), join(place.path, 'again'), { recursive: true });

    // How often checkpoints are written is not what the task is.
    expect((await place.run(['run', ...long, 'train.checkpoint_every=70', '--output', 'again'])).code).toBe(0);
    expect(place.list('again', 'runs', id, 'checkpoints')).toEqual(['step-000280', 'step-000300']);
    const resumed = await place.run(['resume', 'stopped']);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(resumed.stderr).toContain('tiny: 1 task\n');
    expect(resumed.stdout).toContain(join('stopped', 'summary.csv'));
    for (const at of ['again', 'stopped']) {
      expect(statusOf(at, id).resumed_from).toHaveLength(1);
      expect(lossColumns(place, at, id)).toEqual(lossColumns(place, 'whole', id));
    }
    expect((await place.run(['resume', 'stopped'])).stderr).toContain('tiny: 1 task, 1 of them finished before');
  });

  it('goes on by itself after the checkpoint of a task whose process was killed', async () => {
    const { finished, id } = await begun('killed', ['train.checkpoint_every=50']);
    process.kill(statusOf('killed', id).pid, 'SIGKILL');
    const { code, stderr } = await finished;
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/warning: soap seed=7: its process was killed by SIGKILL .* tried once more/);
    expect(statusOf('killed', id)).toMatchObject({ state: 'finished', resumed_from: [expect.any(Number)] });
    expect(lossColumns(place, 'killed', id)).toEqual(lossColumns(place, 'whole', id));
  });

  it('trains several tasks at once, whose times it marks and does not compare', async () => {
    const two = ['run', 'tiny.yaml', '~optimizers.shampoo', 'train.steps=150', 'engine=auto', '--output', 'side'];
    const { finished } = place.start([...two, 'seeds=0,1', '--jobs', '2']);
    const states = () =>
      existsSync(join(place.path, 'side', 'runs'))
        ? place
            .list('side', 'runs')
            .filter((id) => existsSync(join(place.path, 'side', 'runs', id, 'status.json')))
            .map((id) => statusOf('side', id).state)
        : [];
    while (states().filter((state) => state === 'running').length < 2) await sleep(10);
    const { code, stdout, stderr } = await finished;
    expect(code, stderr).toBe(0);
    // Either of the last two may be the last.
    expect(stderr).toMatch(/soap seed=[01] .*finished after .*\(4 of 4 runs\)/);
    expect(stdout).toContain('other runs were trained beside it (--jobs)');
    expect(stdout).not.toContain('the training time');
    const runs = place.csv('side', 'runs.csv');
    expect(runs.map(({ shared_machine, time_ratio }) => [shared_machine, time_ratio])).toEqual(
      runs.map(() => ['true', 'nan']),
    );
    // A target that was not reached is infinite.
    expect(runs.map(({ steps_ratio }) => Number(steps_ratio!.replace('inf', 'Infinity'))).some(Number.isNaN)).toBe(
      false,
    );
    const threads = place.list('side', 'runs').map((id) => {
      return (JSON.parse(place.read('side', 'runs', id, 'environment.json')) as { threads: number }).threads;
    });
    expect(new Set(threads)).toEqual(new Set([Math.max(1, Math.floor(availableParallelism() / 2))]));
  });

  it('refuses a folder of something else, other text, and --rerun where there is nothing to', async () => {
    writeFileSync(join(place.path, 'taken.txt'), 'mine');
    const taken = await place.run([...words, '--output', '.']);
    expect([taken.code, taken.stderr.includes('is not the folder of a sweep')]).toEqual([2, true]);
    const text = readFileSync(join(place.path, 'text.txt'), 'utf8');
    writeFileSync(join(place.path, 'text.txt'), `${text} and nothing else`);
    const changed = await place.run([...words, '--json']);
    writeFileSync(join(place.path, 'text.txt'), text);
    expect([changed.code, json(changed.stdout).error?.code]).toEqual([2, 'data_changed']);
    const once = await place.run(['run', 'tiny.yaml', '--rerun', '--json']);
    expect([once.code, json(once.stdout).error?.code]).toEqual([2, 'nothing_to_rerun']);
  });

  it('is summed up by validate', async () => {
    const { stdout } = await place.run(['validate', ...words.slice(1), 'optimizers.soap.lr=0.1,0.2']);
    expect(stdout).toMatch(/adamw {2}adamw, 2 tasks, the baseline\n +soap {3}soap, 4 tasks/);
  });
});
