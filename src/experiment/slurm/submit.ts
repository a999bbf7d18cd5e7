import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { packageRoot } from '../../own-package.js';
import type { LoadedSweep } from '../../config/load.js';
import type { SlurmConfig } from '../../config/launchers.js';
import { SoapBenchError } from '../../errors.js';
import { writeFileAtomic } from '../../files/atomic-file.js';
import { codeVersion } from '../../results/environment.js';
import { tasksFile } from '../../results/tasks.js';
import { tasksJson, writeSource } from '../folder.js';
import type { Task } from '../tasks.js';
import { arrayScript } from './array-script.js';
import { maxArraySize, submitScript, usualArraySize } from './commands.js';
import { logFolder, newSubmissionFolder, writeSubmission, type Submission } from './submission.js';

/** What is handed over: tasks of a sweep's folder. */
export interface SubmissionPlan {
  readonly sweep: Pick<LoadedSweep, 'config' | 'source'>;
  readonly tasks: readonly Task[];
  /** The sweep's folder, on a file system that all nodes share. */
  readonly folder: string;
  readonly options: SlurmConfig;
}

const program = `${packageRoot}bin/soap-bench.js`;

/**
 * Hands tasks over to Slurm as one array job, or several where one may not have so many elements. The submission's folder
 * keeps what they are trained from, so that nothing that happens to files afterwards changes it.
 * @throws {SoapBenchError} `slurm_unavailable`, `slurm_failed`. Jobs that were accepted before stay, and are written down.
 */
export async function submitTasks(plan: SubmissionPlan): Promise<Submission> {
  const size = await maxArraySize();
  const folder = newSubmissionFolder(plan.folder);
  mkdirSync(logFolder(folder), { recursive: true });
  const { config, source } = plan.sweep;
  const { name, baseline } = config;
  writeFileAtomic(join(folder, tasksFile), tasksJson({ name, baseline, tasks: plan.tasks, tunings: [] }));
  writeSource(source, folder);
  let submission: Submission = { submitted_at: new Date().toISOString(), code: codeVersion(), jobs: [] };
  // A task may begin before sbatch has answered.
  writeSubmission(folder, submission);
  for (const [index, { script, tasks }] of arrayScripts(plan, folder, size).entries()) {
    const file = join(folder, `array-${index}.sh`);
    writeFileAtomic(file, script);
    const id = await submitScript(file);
    submission = { ...submission, jobs: [...submission.jobs, { id, tasks: tasks.map((task) => task.id) }] };
    writeSubmission(folder, submission);
  }
  return submission;
}

/** The scripts that would be handed over; where Slurm cannot be asked, by its own default for the size of arrays. */
export async function plannedScripts(plan: SubmissionPlan): Promise<string[]> {
  const size = await maxArraySize().catch((error: unknown) => {
    if (error instanceof SoapBenchError && error.code.startsWith('slurm_')) return usualArraySize;
    throw error;
  });
  return arrayScripts(plan, newSubmissionFolder(plan.folder), size).map(({ script }) => script);
}

function arrayScripts(
  { sweep, tasks, folder: sweepFolder, options }: SubmissionPlan,
  folder: string,
  size: number,
): { script: string; tasks: readonly Task[] }[] {
  const firsts = Array.from({ length: Math.ceil(tasks.length / size) }, (_, part) => part * size);
  return firsts.map((first) => {
    const part = tasks.slice(first, first + size);
    const script = arrayScript(
      {
        name: sweep.config.name,
        first,
        count: part.length,
        workingFolder: resolve(),
        logFolder: resolve(logFolder(folder)),
        command: [process.execPath, program, 'task', resolve(sweepFolder), '--tasks', resolve(folder)],
      },
      options,
    );
    return { script, tasks: part };
  });
}
