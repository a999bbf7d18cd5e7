/** The element of the Slurm array job that this process belongs to, such as `12_3`; undefined outside of one. */
export function slurmElement(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const { SLURM_ARRAY_JOB_ID: job, SLURM_ARRAY_TASK_ID: element } = env;
  return job === undefined || element === undefined ? undefined : `${job}_${element}`;
}
