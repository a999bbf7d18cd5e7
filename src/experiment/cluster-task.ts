import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SoapBenchError, exitCodes } from '../errors.js';
import { writeFileAtomic } from '../files/atomic-file.js';
import { RunDirectory } from '../results/directory.js';
import { codeVersion, type CodeVersion } from '../results/environment.js';
import { isSweep, readTasks, tasksFile } from '../results/tasks.js';
import { readSubmission } from './slurm/submission.js';
import { taskOf, type Task } from './tasks.js';

/** A task that a cluster's job is to train. */
export interface ClusterTask {
  readonly task: Task;
  /** Says that soap-bench has changed since the task was handed over; undefined when it has not, or that is not known. */
  readonly otherCode: string | undefined;
  /** How many steps its run has written down. */
  readonly steps: () => number;
}

/**
 * Finds the task of a job.
 * @param folder The sweep's. Gets its tasks.json when it has none yet, so that it can be read like any other.
 * @param tasksFolder Where the tasks of the jobs are listed.
 * @throws {SoapBenchError} `not_a_sweep`, `unknown_task`, `results_damaged`.
 */
export function openTask(folder: string, tasksFolder: string, number: number): ClusterTask {
  if (!isSweep(tasksFolder)) throw notASweep(tasksFolder);
  const { tasks } = readTasks(tasksFolder);
  const listed = tasks[number];
  if (listed === undefined) throw unknownTask(number, tasks.length, tasksFolder);
  if (!isSweep(folder)) {
    mkdirSync(folder, { recursive: true });
    writeFileAtomic(join(folder, tasksFile), readFileSync(join(tasksFolder, tasksFile), 'utf8'));
  }
  const directory = new RunDirectory(join(folder, 'runs', listed.id));
  const submitted = readSubmission(tasksFolder)?.code;
  return {
    task: taskOf(listed),
    otherCode: submitted && codeChange(submitted, codeVersion()),
    steps: () => directory.readStatus()?.step ?? 0,
  };
}

/** Undefined when both are the same. */
export function codeChange(before: CodeVersion, now: CodeVersion): string | undefined {
  const [then, today] = [codeText(before), codeText(now)];
  return then === today ? undefined : `soap-bench is ${today} now, and was ${then} when this was handed over`;
}

/** `0.1.0 (0a1ff5f, changed)`. */
function codeText({ soap_bench, git_commit, git_dirty }: CodeVersion): string {
  if (git_commit === null) return soap_bench;
  return `${soap_bench} (${git_commit.slice(0, 7)}${git_dirty === true ? ', changed' : ''})`;
}

function notASweep(folder: string): SoapBenchError {
  return new SoapBenchError('not_a_sweep', `${folder} is not the folder of a sweep: it has no ${tasksFile}`, {
    exitCode: exitCodes.usage,
    hint: '`soap-bench run` makes one of an experiment with lists or several seeds',
  });
}

function unknownTask(number: number, count: number, folder: string): SoapBenchError {
  return new SoapBenchError('unknown_task', `${folder} has no task ${number}: it has ${count}, from 0`, {
    exitCode: exitCodes.usage,
    hint: 'the number is the place in tasks.json',
  });
}
