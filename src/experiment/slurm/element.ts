import { slurmCommand } from './commands.js';

/** The element of an array job that this process is: `12_3`; undefined when it is none. */
export function ownElement(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const { SLURM_ARRAY_JOB_ID: job, SLURM_ARRAY_TASK_ID: element } = env;
  return job === undefined || element === undefined ? undefined : `${job}_${element}`;
}

/**
 * Puts an element back into the queue. Slurm ends its process, if that is still there.
 * @param element By the array's number and its own, `12_3`: the job's number alone would mean the whole array.
 */
export async function requeue(element: string): Promise<void> {
  await slurmCommand('scontrol', 'requeue', element);
}
