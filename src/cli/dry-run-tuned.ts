import { knownLosses } from '../experiment/train-tuned.js';
import { planner, tasksOf, type TunedSweep } from '../experiment/tuned-sweep.js';
import { tuningBounds } from '../experiment/tuning-bounds.js';
import { printTasks, type TaskListOptions } from './dry-run-sweep.js';

/** `run --dry-run` of a tuned sweep: the tasks that are known by now, how many there will be, and how long they take. */
export async function printTuned(sweep: TunedSweep, options: Omit<TaskListOptions, 'bounds'>): Promise<void> {
  const lossOf = options.rerun ? () => undefined : knownLosses(options.folder);
  const tasks = tasksOf(planner(sweep)(lossOf));
  await printTasks(sweep.name, tasks, { ...options, bounds: tuningBounds(sweep, lossOf) });
}
