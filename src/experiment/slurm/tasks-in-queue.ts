import { isRunning, queuedElements } from './queue.js';
import { readSubmissions } from './submission.js';

/** A task that Slurm has in its queue. */
export interface QueuedTask {
  /** The element of an array job: `12_3`. */
  readonly element: string;
  /** Whether it holds a machine. */
  readonly running: boolean;
  /** Slurm's reason for not running it yet. */
  readonly reason: string;
}

/** What of a sweep's tasks Slurm is to train, by their ids. Asks Slurm only when something was handed over to it. */
export async function tasksInQueue(folder: string): Promise<Map<string, QueuedTask>> {
  const jobs = readSubmissions(folder).flatMap(({ submission }) => submission.jobs);
  const elements = await queuedElements(jobs.map(({ id }) => id));
  const found = jobs.flatMap(({ id, tasks }) =>
    tasks.flatMap((task, index): [string, QueuedTask][] => {
      const element = `${id}_${index}`;
      const queued = elements.get(element);
      return queued === undefined ? [] : [[task, { element, running: isRunning(queued), reason: queued.reason }]];
    }),
  );
  return new Map(found);
}
