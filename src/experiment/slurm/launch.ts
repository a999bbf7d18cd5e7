import { join } from 'node:path';
import type { LoadedSweep } from '../../config/load.js';
import { folderHolder, freeFolder, holdFolder } from '../../files/lock.js';
import { sweepFolder, writeSweepFolder } from '../folder.js';
import type { TrainingObserver } from '../observer.js';
import { planExperiment } from '../plan.js';
import { prepareTokens, type DataOf } from '../prepare-runs.js';
import type { Task } from '../tasks.js';
import { discardRuns, examineRuns } from '../train-runs.js';
import type { Submission } from './submission.js';
import { plannedScripts, submitTasks } from './submit.js';
import { tasksInQueue, type QueuedTask } from './tasks-in-queue.js';

export interface LaunchOptions {
  /** The folder asked for; undefined for `results/<experiment>/sweep`. */
  readonly output?: string | undefined;
  /** Whether tasks that have ended are trained again. */
  readonly rerun?: boolean;
  readonly observer?: TrainingObserver;
}

/** The tasks of a sweep that was handed over to Slurm, counted by where they are. */
export interface Launched {
  readonly folder: string;
  readonly tasks: number;
  readonly finished: number;
  readonly queued: number;
  readonly submitted: number;
  readonly jobs: Submission['jobs'];
}

/** Hands the tasks of a sweep over to Slurm that are neither finished nor in the queue. */
export async function launchOnSlurm(sweep: LoadedSweep, options: LaunchOptions = {}): Promise<Launched> {
  const { tasks, folder, dataOf } = await prepared(sweep, options);
  return holdFolder(folder, async () => {
    if (options.rerun === true) discardRuns(tasks, folder);
    const { fresh, queued, finished } = await examine(tasks, folder, dataOf);
    for (const { id } of fresh) freeOfSlurm(join(folder, 'runs', id));
    writeSweepFolder(sweep, tasks, folder);
    const plan = { sweep, tasks: fresh, folder, options: sweep.launchers.slurm };
    const jobs = fresh.length === 0 ? [] : (await submitTasks(plan)).jobs;
    return { folder, tasks: tasks.length, finished, queued, submitted: fresh.length, jobs };
  });
}

/** The scripts that {@link launchOnSlurm} would submit now. */
export async function slurmScripts(
  sweep: LoadedSweep,
  options: LaunchOptions = {},
): Promise<{ folder: string; pending: number; scripts: string[] }> {
  const { tasks, folder, dataOf } = await prepared(sweep, options);
  const { fresh } = await examine(tasks, folder, dataOf);
  const chosen = options.rerun === true ? tasks : fresh;
  const scripts = await plannedScripts({ sweep, tasks: chosen, folder, options: sweep.launchers.slurm });
  return { folder, pending: fresh.length, scripts };
}

async function prepared(sweep: LoadedSweep, { output, observer = {} }: LaunchOptions) {
  const tasks = planExperiment(sweep).fixed;
  const folder = sweepFolder(sweep.config, output);
  // Here, once, and not by every task at its start.
  const dataOf = await prepareTokens(tasks, folder, observer);
  return { tasks, folder, dataOf };
}

/** How many tasks are done or in the queue, and those that are neither. */
async function examine(
  tasks: readonly Task[],
  folder: string,
  dataOf: DataOf,
): Promise<{ finished: number; queued: number; fresh: Task[] }> {
  const { pending } = examineRuns(tasks, { folder, dataOf });
  const queue: ReadonlyMap<string, QueuedTask> = await tasksInQueue(folder);
  const fresh = pending.filter(({ id }) => !queue.has(id));
  return { finished: tasks.length - pending.length, queued: pending.length - fresh.length, fresh };
}

/** What is not in the queue is trained by no job any more, also when a node died with it and could not say so. */
function freeOfSlurm(path: string): void {
  const holder = folderHolder(path);
  if (typeof holder?.element === 'string') freeFolder(path, holder);
}
