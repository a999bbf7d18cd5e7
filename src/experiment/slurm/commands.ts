import { execFile } from 'node:child_process';
import { SoapBenchError, exitCodes } from '../../errors.js';

/**
 * What a command of Slurm prints.
 * @throws {SoapBenchError} `slurm_unavailable` when there is no such command here, `slurm_failed` with its own words.
 */
export async function slurmCommand(name: string, ...words: string[]): Promise<string> {
  // Times and columns in other languages would not be understood.
  const env = { ...process.env, LC_ALL: 'C' };
  return new Promise((resolve, reject) => {
    execFile(name, words, { env, maxBuffer: 2 ** 28 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout.trim());
      else if (error.code === 'ENOENT') reject(unavailable(name));
      else reject(failed(name, stderr.trim() || error.message));
    });
  });
}

/** `MaxArraySize` of a cluster that says nothing else. */
export const usualArraySize = 1001;

/** Largest number of elements that an array job may have here. */
export async function maxArraySize(): Promise<number> {
  const text = await slurmCommand('scontrol', 'show', 'config');
  const size = Number(/^MaxArraySize\s*=\s*(\d+)/m.exec(text)?.[1]);
  return Number.isNaN(size) ? usualArraySize : size;
}

/** @returns The job's number. */
export async function submitScript(file: string): Promise<string> {
  const answer = await slurmCommand('sbatch', '--parsable', file);
  // `12`, of several clusters `12;cluster`.
  return answer.split('\n').at(-1)!.split(';')[0]!;
}

/**
 * Puts an element of an array job back into the queue. Slurm ends its process, if that is still there.
 * @param element By the array's number and its own, `12_3`: the job's number alone would mean the whole array.
 */
export async function requeue(element: string): Promise<void> {
  await slurmCommand('scontrol', 'requeue', element);
}

/** Takes jobs out of the queue; what runs is asked to end first. */
export async function cancelJobs(jobs: readonly string[]): Promise<void> {
  await slurmCommand('scancel', ...jobs);
}

function unavailable(name: string): SoapBenchError {
  return new SoapBenchError('slurm_unavailable', `Slurm is not here: there is no command ${name}`, {
    exitCode: exitCodes.unavailable,
    hint: 'call this on a machine where jobs are submitted, or leave --launcher out to train here',
  });
}

function failed(name: string, words: string): SoapBenchError {
  return new SoapBenchError('slurm_failed', `${name} refused: ${words}`, {
    exitCode: exitCodes.unavailable,
    hint:
      name === 'sbatch'
        ? 'the keys of `slurm` are the options of sbatch: `soap-bench config explain slurm`'
        : 'call this on a machine where Slurm’s own commands work; `sinfo` shows whether they do',
  });
}
