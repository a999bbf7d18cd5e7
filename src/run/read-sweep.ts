import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Choice } from '../config/expand.js';
import { parseExperiment } from '../config/load.js';
import type { ExperimentConfig } from '../config/schema.js';
import { damaged, readJson, readRunFiles, type Run } from './read.js';
import { messageOf } from '../errors.js';

/** tasks.json of a sweep's folder: what is to be trained. */
export const tasksFile = 'tasks.json';

const tasksSchema = z.object({
  name: z.string(),
  baseline: z.string(),
  tasks: z
    .array(
      z.object({
        id: z.string(),
        optimizer: z.string(),
        choices: z.array(z.object({ key: z.string(), value: z.unknown() })),
        seed: z.number(),
        config: z.unknown(),
      }),
    )
    .min(1),
});

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

/** A sweep's directory: its tasks in their order. */
export interface Sweep {
  readonly directory: string;
  readonly name: string;
  readonly baseline: string;
  readonly runs: readonly SweptRun[];
}

export function isSweep(directory: string): boolean {
  return existsSync(join(directory, tasksFile));
}

/**
 * Reads a sweep's directory, also one whose tasks are still being trained.
 * @throws {SoapBenchError} `results_damaged` (exit code 6) naming the file and the line.
 */
export function readSweep(directory: string): Sweep {
  const { name, baseline, tasks } = readTasks(directory);
  const runs = tasks.map((task) => ({ ...task, run: readRunFiles(join(directory, 'runs', task.id)) }));
  return { directory, name, baseline, runs };
}

/**
 * Reads which tasks a sweep's directory is for, and nothing of their runs.
 * @throws {SoapBenchError} `results_damaged` (exit code 6).
 */
export function readTasks(directory: string): { name: string; baseline: string; tasks: ListedTask[] } {
  const file = join(directory, tasksFile);
  const { tasks, ...sweep } = readJson(file, tasksSchema)!;
  return { ...sweep, tasks: tasks.map((task) => ({ ...task, config: configOf(task.config, file) })) };
}

function configOf(config: unknown, file: string): ExperimentConfig {
  try {
    return parseExperiment(config);
  } catch (error) {
    throw damaged(file, messageOf(error), error);
  }
}
