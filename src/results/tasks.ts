import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { taskId } from '../config/digest.js';
import type { Choice } from '../config/sweep/expand.js';
import { storedExperiment, storedRun } from '../config/stored.js';
import { onlyRun, runConfigs, type RunConfig } from '../config/run-config.js';
import { experimentName, labelSchema, type ExperimentConfig } from '../config/schema.js';
import { tuneProtocols } from '../config/sweep/tune-block.js';
import type { Trial, Tuning } from '../tuning/tuning.js';
import { damaged } from '../files/damaged.js';
import { experimentsBeneath, isExperiment, isFile, isFolder } from '../files/folders.js';
import { readConfigFile, readJson } from './read-run.js';
import { SoapBenchError, exitCodes, messageOf } from '../errors.js';
import { assertAsWritten, readSums } from './sums.js';

/** tasks.json of a sweep's folder: what is to be trained. */
export const tasksFile = 'tasks.json';

const choices = z.array(z.object({ key: z.string(), value: z.unknown() }));

const taskSchema = z.object({
  id: z.string(),
  optimizer: labelSchema,
  choices,
  seed: z.number(),
  config: z.unknown(),
});

const tuningSchema = z.object({
  label: labelSchema,
  choices,
  grid: z.array(z.object({ key: z.string(), values: z.array(z.unknown()) })),
  protocol: z.enum(tuneProtocols),
  extend: z.boolean(),
  // Missing where the first of the reported seeds chose.
  seed: z.number().optional(),
  templates: z.array(z.object({ budget: choices, seed: z.number(), config: z.unknown() })).min(1),
  tried: z.array(
    taskSchema.extend({ values: z.record(z.string(), z.unknown()), budget: z.number(), stage: z.string() }),
  ),
});

const tasksSchema = z
  .object({
    name: experimentName,
    baseline: labelSchema,
    tasks: z.array(taskSchema),
    tunings: z.array(tuningSchema).default([]),
  })
  .refine(({ tasks, tunings }) => tasks.length + tunings.length > 0, 'there are no tasks');

/** A task as tasks.json lists it. */
export interface ListedTask {
  /** Names its folder in `runs`. */
  readonly id: string;
  /** Its label among the experiment's optimizers. */
  readonly optimizer: string;
  readonly choices: readonly Choice[];
  readonly seed: number;
  /** Complete, with a single optimizer. */
  readonly config: RunConfig;
}

/** A tuning, and the tasks that have been asked for to choose by. */
export interface ListedTuning extends Tuning {
  readonly tried: readonly (ListedTask & Trial)[];
}

/** The tasks of a folder. */
export interface TaskList {
  readonly name: string;
  readonly baseline: string;
  /** Those that are compared, as far as they are known. */
  readonly tasks: readonly ListedTask[];
  readonly tunings: readonly ListedTuning[];
}

/** Whether a folder has a list of tasks; an experiment's has none, and one task for every optimizer of its config.yaml. */
export function isSweep(folder: string): boolean {
  return isFile(join(folder, tasksFile));
}

/**
 * Reads the tasks of a folder, and nothing of their runs. A task's id names the folder of its run.
 * @throws {SoapBenchError} `not_an_experiment` (exit code 2), `results_damaged` (6) naming the file and the place in it.
 */
export function readTasks(folder: string): TaskList {
  return isSweep(folder) ? readTaskList(folder) : tasksOfExperiment(readExperimentConfig(folder));
}

/**
 * Reads the configuration of an experiment's folder and nothing else.
 * @throws {SoapBenchError} As {@link readTasks}.
 */
export function readExperimentConfig(folder: string): ExperimentConfig {
  if (!isExperiment(folder)) throw notAnExperiment(folder);
  return readConfigFile(folder, storedExperiment);
}

/** One task for every optimizer, with the label as its id. */
function tasksOfExperiment(config: ExperimentConfig): TaskList {
  const tasks = runConfigs(config).map((run) => ({
    id: run.label,
    optimizer: run.label,
    choices: [],
    seed: run.seed,
    config: run,
  }));
  return { name: config.name, baseline: config.baseline, tasks, tunings: [] };
}

/** An id stands for the configuration of its task: both are as they were written, or the file is refused. */
function readTaskList(directory: string): TaskList {
  const file = join(directory, tasksFile);
  const hint = 'bring back the file as it was, or run the sweep again';
  assertAsWritten({ folder: directory, sums: readSums(directory), hint }, tasksFile);
  const { tasks, tunings, ...sweep } = readJson(file, tasksSchema)!;
  return {
    ...sweep,
    tasks: tasks.map((task, index) => listedTask(task, `${file}: tasks.${index}`)),
    tunings: tunings.map((tuning, index) => {
      const place = `${file}: tunings.${index}`;
      return {
        ...tuning,
        seed: tuning.seed ?? tuning.templates[0]!.seed,
        templates: tuning.templates.map((template, at) => {
          return withConfig(template, tuning.label, `${place}.templates.${at}`);
        }),
        tried: tuning.tried.map((task, at) => listedTask(task, `${place}.tried.${at}`)),
      };
    }),
  };
}

function listedTask<T extends z.output<typeof taskSchema>>(
  task: T,
  place: string,
): T & { readonly config: RunConfig } {
  const listed = withConfig(task, task.optimizer, place);
  // Defaults of a later version are not part of what the id was made of.
  const ids = [taskId(onlyRun(task.config as ExperimentConfig)), taskId(listed.config)];
  if (!ids.includes(task.id)) {
    throw damaged(`${place}.id`, `found ${JSON.stringify(task.id)}, and its configuration is that of ${ids[0]}`);
  }
  return listed;
}

/** With its configuration, which is for the optimizer and the seed that are said of it. */
function withConfig<T extends { config?: unknown; seed: number }>(
  task: T,
  label: string,
  place: string,
): T & { readonly config: RunConfig } {
  const config = configOf(task.config, place);
  if (config.label !== label) throw damaged(place, `found ${label}, and its configuration is for ${config.label}`);
  if (config.seed !== task.seed)
    throw damaged(`${place}.seed`, `found ${task.seed}, and its configuration has ${config.seed}`);
  return { ...task, config };
}

function configOf(config: unknown, place: string): RunConfig {
  try {
    return storedRun(config);
  } catch (error) {
    throw damaged(`${place}.config`, messageOf(error), error);
  }
}

function notAnExperiment(directory: string): SoapBenchError {
  const isThere = isFolder(directory);
  const problem = isThere
    ? 'is not the directory of an experiment: it should hold config.yaml and runs/'
    : 'does not exist, or is not a directory';
  const absolute = resolve(directory);
  const above = dirname(dirname(absolute));
  const near = isExperiment(above)
    ? [above]
    : experimentsBeneath(isThere ? absolute : dirname(absolute), 3).slice(0, 3);
  return new SoapBenchError('not_an_experiment', `${directory} ${problem}.`, {
    exitCode: exitCodes.usage,
    hint:
      near.length === 0
        ? 'An experiment is a folder results/<name>/<date>-<time> that `soap-bench run` has made.'
        : `Did you mean ${near.join(', ')}?`,
  });
}
