import type { SlurmConfig } from '../../config/launchers.js';
import { SoapBenchError, exitCodes } from '../../errors.js';

/** Tasks of a submission that are one array job. */
export interface ArrayJob {
  readonly name: string;
  /** The submission's number of the array's first task, and how many there are. */
  readonly first: number;
  readonly count: number;
  /** Where `soap-bench run` was called: paths of corpora and of prepared data start there. */
  readonly workingFolder: string;
  readonly logFolder: string;
  /** Program and words that train a task; its number in the submission comes last. */
  readonly command: readonly string[];
}

/**
 * The script that sbatch is given. Each element of the array trains one task.
 * @throws {SoapBenchError} `not_in_a_script` for a path or an option that has no place in a line.
 */
export function arrayScript(job: ArrayJob, options: SlurmConfig): string {
  const { cpus_per_task, gpus_per_node, mem_gb, timeout_min, name, exclusive } = options;
  const { partition, account, qos, constraint, nodelist, exclude, gres } = options;
  const asked: Record<string, string | number | boolean | undefined> = {
    array: `0-${job.count - 1}%${options.array_parallelism}`,
    'job-name': name ?? job.name,
    chdir: job.workingFolder,
    output: `${job.logFolder.replaceAll('%', '%%')}/%A_%a.log`,
    // A task that goes on writes behind what it wrote before.
    'open-mode': 'append',
    // Also on clusters where jobs are not queued again by default.
    requeue: true,
    // Only the script's own process, in whose place the task's comes.
    signal: `B:USR1@${options.signal_delay_s}`,
    nodes: 1,
    ntasks: 1,
    'cpus-per-task': cpus_per_task,
    'gpus-per-node': gpus_per_node,
    mem: mem_gb === undefined ? undefined : `${Math.ceil(mem_gb * 1024)}M`,
    time: timeout_min,
    partition,
    account,
    qos,
    constraint,
    nodelist,
    exclude,
    gres,
    exclusive,
    ...options.additional_parameters,
  };
  const command = job.command.map(shellWord).join(' ');
  return [
    '#!/bin/bash',
    ...Object.entries(asked).flatMap(([option, value]) => directive(option, value)),
    '',
    ...options.setup,
    `exec ${command} $((${job.first} + SLURM_ARRAY_TASK_ID))`,
    '',
  ].join('\n');
}

function directive(option: string, value: string | number | boolean | undefined): string[] {
  if (value === undefined || value === false) return [];
  const name = `#SBATCH --${option.replaceAll('_', '-')}`;
  return [value === true ? name : `${name}=${sbatchWord(String(value))}`];
}

/** sbatch reads words like a shell does: spaces, quotes and # need quotes around them. */
function sbatchWord(text: string): string {
  // What follows a line break would be a line of its own, for the shell.
  if (hasControlCharacter(text)) throw notInOneLine(text);
  return /[\s"'\\#]/.test(text) ? `"${text.replaceAll(/(["\\])/g, '\\$1')}"` : text;
}

function shellWord(text: string): string {
  if (hasControlCharacter(text)) throw notInOneLine(text);
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function hasControlCharacter(text: string): boolean {
  return /\p{Cc}/u.test(text);
}

function notInOneLine(text: string): SoapBenchError {
  return new SoapBenchError('not_in_a_script', `a line break or another control character in ${JSON.stringify(text)}`, {
    exitCode: exitCodes.usage,
    hint: 'Slurm’s scripts have no way to write that: rename the folder, or change the option',
  });
}
