import { availableParallelism } from 'node:os';

/**
 * CPU threads of a run that is trained beside others.
 * @param asked What the configuration says; a number is the user's decision.
 * @param jobs Runs that are trained at once, which get equal parts.
 * @param before What its checkpoint was computed with: last digits depend on it, so that it stays, as far as there are so many.
 */
export function threadsOf(asked: number | 'auto', jobs: number, before?: number): number {
  if (asked !== 'auto') return asked;
  const there = cpusHere();
  return Math.min(before ?? Math.max(1, Math.floor(there / jobs)), there);
}

/** CPUs for this process. Not every cluster binds a job to those that it was given. */
function cpusHere(): number {
  const given = Number(process.env.SLURM_CPUS_PER_TASK);
  return given > 0 ? Math.min(given, availableParallelism()) : availableParallelism();
}
