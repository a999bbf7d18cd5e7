import { SoapBenchError, exitCodes } from '../errors.js';
import { slurmElement } from '../files/slurm-element.js';
import type { ChildOutcome } from './child-run.js';
import { openTask } from './cluster-task.js';
import type { TrainingObserver } from './observer.js';
import { requeue } from './slurm/commands.js';
import { trainTask } from './train-runs.js';

export interface ClusterTaskOptions {
  /** The folder that lists the tasks, where that is not the sweep's own. */
  readonly tasks: string;
  readonly signal: AbortSignal;
  readonly observer: TrainingObserver;
}

/**
 * Trains the task of a cluster's job. One that ran out of time in Slurm, which says so by SIGUSR1, goes back into the queue.
 * @throws {SoapBenchError} As `openTask` and `trainTask`; `no_progress` when the job's time was not enough for a single step.
 */
export async function trainClusterTask(
  folder: string,
  number: number,
  { tasks, signal, observer }: ClusterTaskOptions,
): Promise<ChildOutcome> {
  const { task, otherCode, steps } = openTask(folder, tasks, number);
  observer.note?.(`${task.label} (${task.id})`);
  if (otherCode !== undefined) observer.warn?.(otherCode);
  const before = steps();
  const outcome = await trainTask(task, { folder, observer, signal });
  if (outcome.kind === 'error') observer.warn?.(`failed: ${outcome.message}`);
  // Only the end of its time is a reason: who cancels a task does not want it back, and who preempts it puts it back.
  const isOutOfTime = outcome.kind === 'outcome' && outcome.state === 'interrupted' && signal.reason === 'SIGUSR1';
  if (isOutOfTime) await queueAgain(steps() - before, observer);
  return outcome;
}

async function queueAgain(steps: number, observer: TrainingObserver): Promise<void> {
  const element = slurmElement();
  if (element === undefined) return;
  if (steps === 0) {
    throw new SoapBenchError('no_progress', 'the time of a job is not enough for a single step', {
      exitCode: exitCodes.runsFailed,
      hint: 'ask for more: slurm.timeout_min, or a smaller slurm.signal_delay_s',
    });
  }
  observer.note?.(`its time is nearly over: ${element} goes back into the queue`);
  await requeue(element);
}
