/** The element of a Slurm array job that this process belongs to, `12_3`; undefined when it is of none. */
export function slurmElement(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const { SLURM_ARRAY_JOB_ID: job, SLURM_ARRAY_TASK_ID: element } = env;
  return job === undefined || element === undefined ? undefined : `${job}_${element}`;
}
