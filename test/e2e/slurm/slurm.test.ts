import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFailed, vi } from 'vitest';
import { Workspace } from '../command.js';
import { lossColumns } from '../lasting-columns.js';
import { Cluster, until } from './cluster.js';

/*
 * Against a real Slurm: test/e2e/slurm/start-cluster.sh FOLDER, then SLURM_CONF=FOLDER/slurm.conf. CI does both.
 */

// Slurm takes seconds for what it decides, and machines may be slow.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const cluster = Cluster.find();
const tiny = ['model.d_model=8', 'train.batch_tokens=32', 'train.eval_tokens=32'];
const words = ['run', 'tiny.yaml', '~optimizers.shampoo', '--engine', 'cpu', ...tiny];
const long = ['~optimizers.adamw', 'train.steps=90', 'train.eval_every=30', 'train.checkpoint_every=10'];
const byslurm = ['slurm.array_parallelism=2', '--launcher', 'slurm', '--json'];

interface Submitted {
  folder: string;
  finished: number;
  queued: number;
  submitted: number;
  jobs: { id: string; tasks: string[] }[];
}
interface Status {
  counts: Record<string, number>;
  runs: { run: string; state: string; step: number; slurm: string | null; note: string | null }[];
}
interface RunFile {
  state: string;
  step: number;
  message?: string;
  resumed_from?: number[];
  pid: number;
}

describe.skipIf(cluster === undefined)('with Slurm', () => {
  let place: Workspace;
  beforeAll(() => {
    place = new Workspace();
  });
  afterEach(async () => {
    for (const job of new Set([...cluster!.queue().keys()].map((element) => element.split('_')[0]!))) {
      cluster!.run('scancel', job);
    }
    await cluster!.emptied();
  });
  afterAll(() => {
    place.remove();
  });

  async function json<T>(...command: string[]): Promise<T> {
    const { code, stdout, stderr } = await place.run(command);
    expect(code, stderr + stdout).toBe(0);
    return JSON.parse(stdout) as T;
  }
  const submit = (folder: string, ...more: string[]) =>
    json<Submitted>(...words, ...more, ...byslurm, '--output', folder);
  const status = (folder: string) => json<Status>('status', folder, '--json');
  const runFile = (folder: string, id: string) => {
    const file = join(place.path, folder, 'runs', id, 'status.json');
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as RunFile) : undefined;
  };
  const rows = (folder: string, id: string) => {
    const file = join(place.path, folder, 'runs', id, 'metrics.csv');
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 2 : 0;
  };
  const show = (text: string) => process.stderr.write(`${text}\n`);
  /** What the jobs and the daemons wrote is shown when a test fails. */
  function showLogsOnFailure(folder: string): void {
    onTestFailed(() => {
      const submissions = join(place.path, folder, 'slurm');
      for (const number of existsSync(submissions) ? readdirSync(submissions) : []) {
        for (const file of place.list(folder, 'slurm', number, 'logs')) {
          show(`--- ${file}\n${place.read(folder, 'slurm', number, 'logs', file)}`);
        }
      }
      show(cluster!.logs());
    });
  }

  it('trains a sweep of six tasks as one array', async () => {
    showLogsOnFailure('six');
    const sweep = ['train.steps=4', 'seeds=0,1', 'optimizers.soap.precondition_frequency=1,4'];
    const { jobs, submitted } = await submit('six', ...sweep);
    expect(jobs).toHaveLength(1);
    expect(submitted).toBe(6);
    const waiting = await status('six');
    expect(waiting.runs.map((run) => run.slurm)).toEqual([0, 1, 2, 3, 4, 5].map((index) => `${jobs[0]!.id}_${index}`));
    expect(waiting.counts.pending! + waiting.counts.running!).toBe(6);

    // What is in the queue is not submitted again.
    expect(await submit('six', ...sweep)).toMatchObject({ queued: 6, submitted: 0, jobs: [] });

    await cluster!.emptied();
    const { counts } = await status('six');
    expect(counts).toEqual({ done: 6, running: 0, pending: 0, stopped: 0, failed: 0, not_started: 0 });
    expect((await place.run(['collect', 'six'])).code).toBe(0);
    expect(place.csv('six', 'runs.csv').map(({ state }) => state)).toEqual(Array(6).fill('finished'));
    expect(await submit('six', ...sweep)).toMatchObject({ finished: 6, submitted: 0 });
    expect((await place.run(['cancel', 'six'])).stderr).toContain('Slurm has no task of six in its queue');

    // What it was trained from is kept with the submission.
    expect(place.list('six', 'slurm', '1')).toEqual([
      'array-0.sh',
      'config.yaml',
      'logs',
      'submission.json',
      'tasks.json',
    ]);
    expect(place.read('six', 'slurm', '1', 'tasks.json')).toBe(place.read('six', 'tasks.json'));
  });

  describe('a task that is interrupted', () => {
    let id = '';
    let element = '';
    let undisturbed: ReturnType<typeof lossColumns>;
    beforeAll(async () => {
      const { jobs } = await submit('undisturbed', ...long);
      id = jobs[0]!.tasks[0]!;
      await cluster!.emptied();
      undisturbed = lossColumns(place, 'undisturbed', id);
      expect(undisturbed[0]).toHaveLength(90);
    });

    /**
     * Submits the task and waits until it is between two checkpoints.
     * @returns Others of the same array, between checkpoints as well.
     */
    async function begun(folder: string, ...more: string[]): Promise<string[]> {
      const { jobs } = await submit(folder, ...long, ...more);
      const { id: job, tasks } = jobs[0]!;
      expect(tasks[0]).toBe(id);
      element = `${job}_0`;
      await until(() => tasks.every((task) => rows(folder, task) > 14), 'step 14');
      return tasks.slice(1);
    }
    async function isQueuedAgain(folder: string): Promise<void> {
      await until(() => cluster!.queue().get(element) === 'PENDING', 'the task to be in the queue again');
      expect((await status(folder)).runs[0]).toMatchObject({ state: 'pending', slurm: element });
    }
    async function beginsAgain(folder: string): Promise<void> {
      await isQueuedAgain(folder);
      await cluster!.letBegin(element);
    }
    function hasTheSameRows(folder: string): void {
      const { state, step, message, resumed_from } = runFile(folder, id)!;
      expect({ state, step, message }).toEqual({ state: 'finished', step: 90 });
      expect(resumed_from).toHaveLength(1);
      expect(lossColumns(place, folder, id)).toEqual(undisturbed);
    }

    it('by preemption goes on to the same rows', async () => {
      showLogsOnFailure('preempted');
      await begun('preempted');
      expect((await status('preempted')).runs[0]).toMatchObject({ state: 'running', slurm: element });
      cluster!.run('scontrol', 'requeue', element);
      await beginsAgain('preempted');
      await cluster!.emptied();
      hasTheSameRows('preempted');
    });

    it('by the end of its time queues itself, alone, and goes on to the same rows', async () => {
      showLogsOnFailure('time');
      const [other] = await begun('time', 'seeds=0,1');
      // As Slurm does it for --signal=B:USR1@…, only now.
      cluster!.run('scancel', '--batch', '--signal=USR1', element);
      await beginsAgain('time');
      expect(place.read('time', 'slurm', '1', 'logs', `${element}.log`)).toContain(
        `${element} goes back into the queue`,
      );
      await cluster!.emptied();
      hasTheSameRows('time');
      expect(runFile('time', other!)).toMatchObject({ state: 'finished', step: 90 });
      expect(runFile('time', other!)!.resumed_from).toBeUndefined();
    });

    it('by a node that goes down and comes back goes on to the same rows', async () => {
      showLogsOnFailure('down');
      await begun('down');
      cluster!.killNode(runFile('down', id)!.pid);
      await isQueuedAgain('down');
      expect(cluster!.nodeState()).toContain('down');
      // First the node: it is still to be told that the task was ended there, and would end what has begun again.
      cluster!.startNodeDaemon();
      await cluster!.letBegin(element);
      await cluster!.emptied();
      hasTheSameRows('down');
    });

    it('by no crash of the node’s daemon', async () => {
      showLogsOnFailure('daemon');
      await begun('daemon');
      cluster!.killNodeDaemon();
      cluster!.startNodeDaemon();
      await cluster!.emptied();
      expect(lossColumns(place, 'daemon', id)).toEqual(undisturbed);
      expect(runFile('daemon', id)!.resumed_from).toBeUndefined();
    });

    it('by kill -9 of all its processes is submitted again and goes on to the same rows', async () => {
      showLogsOnFailure('killed');
      await begun('killed');
      cluster!.run('scancel', '--full', '--signal=KILL', element);
      await cluster!.emptied();
      expect((await status('killed')).runs[0]).toMatchObject({ state: 'stopped', slurm: null });
      expect(await submit('killed', ...long)).toMatchObject({ finished: 0, submitted: 1 });
      await cluster!.emptied();
      hasTheSameRows('killed');
    });

    it('by cancel has a checkpoint, and goes on when it is submitted again', async () => {
      showLogsOnFailure('cancelled');
      await begun('cancelled');
      const { code, stdout } = await place.run(['cancel', 'cancelled']);
      expect([code, stdout]).toEqual([0, 'cancelled 1 task, 1 of them running\n']);
      await cluster!.emptied();
      const { state, step } = runFile('cancelled', id)!;
      expect(state).toBe('interrupted');
      expect(step).toBeGreaterThan(14);
      expect((await status('cancelled')).runs[0]).toMatchObject({ state: 'stopped', step });
      await submit('cancelled', ...long);
      await cluster!.emptied();
      hasTheSameRows('cancelled');
      expect(runFile('cancelled', id)!.resumed_from).toEqual([step]);
    });
  });

  it('shows what failed, and why', async () => {
    showLogsOnFailure('failed');
    const { jobs } = await submit('failed', ...long, 'train.steps=100000', 'seeds=[7]');
    const [task] = jobs[0]!.tasks as [string];
    await until(() => rows('failed', task) > 5, 'the task to begin');
    const first = runFile('failed', task)!.pid;
    process.kill(first, 'SIGKILL');
    // It is tried once more.
    await until(() => ![first, undefined].includes(runFile('failed', task)?.pid), 'another process');
    process.kill(runFile('failed', task)!.pid, 'SIGKILL');
    await cluster!.emptied();
    const { runs } = await status('failed');
    expect(runs[0]).toMatchObject({ state: 'failed', note: expect.stringContaining('killed by SIGKILL') as string });
  });

  it('splits what is more than an array may hold', async () => {
    const held = ['slurm.additional_parameters.hold=true', 'optimizers.soap.lr=1e-4,2e-4,3e-4'];
    const { jobs } = await submit('many', 'seeds=0,1', ...held);
    expect(jobs.map(({ tasks }) => tasks.length)).toEqual([7, 1]);
    expect((await status('many')).runs.map((run) => run.slurm)).toEqual([
      ...[0, 1, 2, 3, 4, 5, 6].map((index) => `${jobs[0]!.id}_${index}`),
      `${jobs[1]!.id}_0`,
    ]);
    expect(place.read('many', 'slurm', '1', 'array-1.sh')).toContain('$((7 + SLURM_ARRAY_TASK_ID))');
    expect(await json('cancel', 'many', '--json')).toMatchObject({ cancelled: 8, running: 0 });
  });

  it('passes on what Slurm does not like', async () => {
    const { code, stderr } = await place.run([
      ...words,
      'slurm.partition=no-such',
      '--launcher',
      'slurm',
      '--output',
      'refused',
    ]);
    expect(code).toBe(6);
    expect(stderr).toMatch(/sbatch refused: .*[Ii]nvalid partition/);
  });
});

it.runIf(process.env.SOAP_BENCH_SLURM_TESTS === 'required')('finds the Slurm that was started', () => {
  expect(cluster).toBeDefined();
});
