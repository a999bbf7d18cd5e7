import { join } from 'node:path';
import type { LoadedSweep } from '../config/load.js';
import { sweepFolder, writeSweepFolder } from '../experiment/folder.js';
import { prepareTokens, type DataOf } from '../experiment/prepare-runs.js';
import { planExperiment } from '../experiment/plan.js';
import { plannedScripts, submitTasks, type SubmissionPlan } from '../experiment/slurm/submit.js';
import { tasksInQueue, type QueuedTask } from '../experiment/slurm/tasks-in-queue.js';
import type { Task } from '../experiment/tasks.js';
import { discardRuns, examineRuns } from '../experiment/train-runs.js';
import { countText, plural } from '../format.js';
import { folderHolder, freeFolder, holdFolder } from '../files/lock.js';
import { print, printDocument, printJson } from './terminal/output.js';
import { trainingScreen } from './terminal/training-screen.js';

export interface LaunchOptions {
  /** The folder asked for. */
  readonly output: string | undefined;
  readonly rerun: boolean;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** `run --launcher slurm`: hands the tasks that are neither finished nor in the queue over to Slurm. */
export async function launchSlurm(
  sweep: LoadedSweep,
  { output, rerun, dryRun, json, quiet }: LaunchOptions,
): Promise<void> {
  const tasks = planExperiment(sweep).fixed;
  const folder = sweepFolder(sweep.config, output);
  // Here, once, and not by every task at its start.
  const dataOf = await prepareTokens(tasks, folder, trainingScreen({ quiet }));
  const plan = (fresh: readonly Task[]): SubmissionPlan => {
    return { sweep, tasks: fresh, folder, options: sweep.launchers.slurm };
  };
  if (dryRun) {
    const { fresh } = await examine(tasks, folder, dataOf);
    const scripts = await plannedScripts(plan(rerun ? tasks : fresh));
    if (json) printJson({ folder, pending: fresh.length, scripts });
    else printDocument(scripts.join('\n'));
    return;
  }
  await holdFolder(folder, async () => {
    if (rerun) discardRuns(tasks, folder);
    const { fresh, queued, finished } = await examine(tasks, folder, dataOf);
    for (const { id } of fresh) freeOfSlurm(join(folder, 'runs', id));
    writeSweepFolder(sweep, tasks, folder);
    const jobs = fresh.length === 0 ? [] : (await submitTasks(plan(fresh))).jobs;
    if (json) printJson({ folder, tasks: tasks.length, finished, queued, submitted: fresh.length, jobs });
    else print(submittedText(sweep.config.name, { folder, tasks: tasks.length, finished, queued, jobs }));
  });
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

interface Submitted {
  readonly folder: string;
  readonly tasks: number;
  readonly finished: number;
  readonly queued: number;
  readonly jobs: readonly { readonly id: string; readonly tasks: readonly string[] }[];
}

function submittedText(name: string, { folder, tasks, finished, queued, jobs }: Submitted): string {
  const parts = [
    plural(tasks, 'task'),
    ...(finished > 0 ? [`${countText(finished)} finished before`] : []),
    ...(queued > 0 ? [`${countText(queued)} in the queue already`] : []),
  ];
  const lines = jobs.map(({ id, tasks: ids }) => `Slurm job ${id}: ${countText(ids.length)} to train`);
  const rest = lines.length > 0 ? lines : ['nothing to submit'];
  return [`${name}: ${parts.join(', ')}`, ...rest, `follow it with \`soap-bench status ${folder}\``].join('\n');
}
