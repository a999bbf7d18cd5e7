import { join } from 'node:path';
import { z } from 'zod';
import { taskId } from '../config/digest.js';
import type { Choice } from '../config/sweep/expand.js';
import { parseExperiment } from '../config/load.js';
import { experimentName, labelSchema, type ExperimentConfig } from '../config/schema.js';
import { tuneProtocols } from '../config/sweep/tune-block.js';
import { withStepTimes } from './with-step-times.js';
import type { Trial, Tuning } from '../tuning/tuning.js';
import { damaged } from '../files/damaged.js';
import { isFile } from '../files/folders.js';
import { readJson, readRunFiles, type Run } from './read.js';
import { messageOf } from '../errors.js';
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
  readonly config: ExperimentConfig;
}

/** A task of a sweep and what its run has written so far. */
export interface SweptRun extends ListedTask {
  readonly run: Run;
}

/** A tuning, and the tasks that have been asked for to choose by. */
export interface ListedTuning extends Tuning {
  readonly tried: readonly (ListedTask & Trial)[];
}

/** What tasks.json says. */
export interface TaskList {
  readonly name: string;
  readonly baseline: string;
  /** Those that are compared, as far as they are known. */
  readonly tasks: readonly ListedTask[];
  readonly tunings: readonly ListedTuning[];
}

/** A tuning, and what its trials have written so far. */
export interface SweptTuning extends Tuning {
  readonly tried: readonly (SweptRun & Trial)[];
}

/** A sweep's directory: its tasks in their order. */
export interface Sweep {
  readonly directory: string;
  readonly name: string;
  readonly baseline: string;
  /** Of the tasks that are compared. */
  readonly runs: readonly SweptRun[];
  readonly tunings: readonly SweptTuning[];
}

export function isSweep(directory: string): boolean {
  return isFile(join(directory, tasksFile));
}

/**
 * Reads a sweep's directory, also one whose tasks are still being trained.
 * @throws {SoapBenchError} `results_damaged` (exit code 6) naming the file and the line.
 */
export function readSweep(directory: string): Sweep {
  const { name, baseline, tasks, tunings } = readTasks(directory);
  const withRun = <T extends ListedTask>(task: T) => {
    return { ...task, run: readRunFiles(join(directory, 'runs', task.id)) };
  };
  const tried = tunings.map((tuning) => ({ ...tuning, tried: tuning.tried.map(withRun) }));
  return { directory, name, baseline, runs: withStepTimes(directory, tasks.map(withRun)), tunings: tried };
}

/**
 * Reads which tasks a sweep's directory is for, and nothing of their runs. A task's id names a folder, and stands for its
 * configuration: both are as they were written, or the file is refused.
 * @throws {SoapBenchError} `results_damaged` (exit code 6).
 */
export function readTasks(directory: string): TaskList {
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
): T & { readonly config: ExperimentConfig } {
  const listed = withConfig(task, task.optimizer, place);
  // Defaults of a later version are not part of what the id was made of.
  const ids = [taskId(task.config as ExperimentConfig), taskId(listed.config)];
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
): T & { readonly config: ExperimentConfig } {
  const config = configOf(task.config, place);
  const labels = Object.keys(config.optimizers).join(', ');
  if (labels !== label) throw damaged(place, `found ${label}, and its configuration is for ${labels}`);
  if (config.seed !== task.seed)
    throw damaged(`${place}.seed`, `found ${task.seed}, and its configuration has ${config.seed}`);
  return { ...task, config };
}

function configOf(config: unknown, place: string): ExperimentConfig {
  try {
    return parseExperiment(config);
  } catch (error) {
    throw damaged(`${place}.config`, messageOf(error), error);
  }
}
