import { existsSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import type { LoadedSweep } from '../config/load.js';
import { resolvedYaml } from '../config/resolved-yaml.js';
import { asExperiment } from '../config/run-config.js';
import type { ExperimentConfig } from '../config/schema.js';
import { SoapBenchError, exitCodes } from '../errors.js';
import { writeFileAtomic } from '../files/atomic-file.js';
import { lockFile } from '../files/lock.js';
import {
  isSweep,
  readExperimentConfig,
  readTasks,
  tasksFile,
  type ListedTask,
  type TaskList,
} from '../results/tasks.js';
import { writeWithSum } from '../results/sums.js';
import type { ExperimentPlan } from './rounds.js';
import { planRuns, taskOf, type Task } from './tasks.js';

/**
 * Where an experiment goes.
 * @param output The folder asked for; undefined for `results/<experiment>/<time>` below the current one, which is made, so
 * that it is no other's: of two that begin in the same second, the later gets `<time>-2`.
 * @throws SoapBenchError `output_not_empty` when the folder already holds something.
 */
export function experimentFolder({ name }: ExperimentConfig, output: string | undefined, now = new Date()): string {
  if (output === undefined) return newFolder(join('results', name), folderTime(now));
  if (!isEmpty(output)) {
    throw new SoapBenchError('output_not_empty', `${output} already holds files`, {
      exitCode: exitCodes.usage,
      hint: 'name another folder, or leave --output out for one named after the time',
    });
  }
  return output;
}

/** Removes a folder of the results, and the two around it, as long as nothing is in them. */
export function removeIfEmpty(folder: string): void {
  try {
    for (const path of [folder, dirname(folder), dirname(dirname(folder))]) rmdirSync(path);
  } catch {
    // Something is in it.
  }
}

function newFolder(parent: string, name: string): string {
  mkdirSync(parent, { recursive: true });
  for (let number = 1; ; number++) {
    const path = join(parent, number === 1 ? name : `${name}-${number}`);
    try {
      mkdirSync(path);
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/**
 * Where a sweep goes, also one that has been begun.
 * @param output The folder asked for, or undefined for `results/<experiment>/sweep` below the current one.
 * @throws SoapBenchError `output_not_empty` when the folder holds something else than a sweep.
 */
export function sweepFolder({ name }: ExperimentConfig, output: string | undefined): string {
  const path = output ?? join('results', name, 'sweep');
  if (!isEmpty(path) && !isSweep(path)) {
    throw new SoapBenchError('output_not_empty', `${path} already holds files, and is not the folder of a sweep`, {
      exitCode: exitCodes.usage,
      hint: 'name another folder with --output',
    });
  }
  return path;
}

/** Makes a folder an experiment's. */
export function writeExperimentFolder(config: ExperimentConfig, path: string): void {
  mkdirSync(join(path, 'runs'), { recursive: true });
  writeFileAtomic(join(path, 'config.yaml'), resolvedYaml(config));
}

/** Makes a folder a sweep's, or gives the one that there is these tasks. */
export function writeSweepFolder(
  { config, source }: Pick<LoadedSweep, 'config' | 'source'>,
  tasks: readonly Task[],
  path: string,
): void {
  const { name, baseline } = config;
  writeTasks({ name, baseline, tasks, tunings: [] }, path);
  writeSource(source, path);
}

/** Writes down how files and words describe a sweep. */
export function writeSource(source: LoadedSweep['source'], path: string): void {
  writeFileAtomic(join(path, 'config.yaml'), stringify(source));
}

/** Writes down which tasks a sweep has. */
export function writeTasks(list: TaskList, path: string): void {
  mkdirSync(join(path, 'runs'), { recursive: true });
  writeWithSum(path, tasksFile, tasksJson(list));
}

/** The text of tasks.json. */
export function tasksJson({ name, baseline, tasks, tunings }: TaskList): string {
  const listed = ({ id, optimizer, choices, seed, config }: ListedTask) => {
    return { id, optimizer, choices, seed, config: asExperiment(config) };
  };
  const list = {
    name,
    baseline,
    tasks: tasks.map(listed),
    ...(tunings.length > 0 && {
      tunings: tunings.map(({ label, choices, grid, protocol, extend, seed, templates, tried }) => ({
        label,
        choices,
        grid,
        protocol,
        extend,
        seed,
        templates: templates.map(({ budget, seed: own, config }) => ({
          budget,
          seed: own,
          config: asExperiment(config),
        })),
        tried: tried.map((trial) => {
          const { values, budget, stage } = trial;
          return { ...listed(trial), values, budget, stage };
        }),
      })),
    }),
  };
  return JSON.stringify(list, null, 2) + '\n';
}

/**
 * Reads what is to be trained in a folder that has been begun.
 * @throws {SoapBenchError} `not_an_experiment`, `results_damaged`.
 */
export function readPlan(path: string): ExperimentPlan {
  if (!isSweep(path)) {
    const config = readExperimentConfig(path);
    const { name, baseline } = config;
    return { kind: 'experiment', name, baseline, fixed: planRuns(config), tunings: [] };
  }
  const { name, baseline, tasks, tunings } = readTasks(path);
  // What was chosen for the tuned ones is chosen again, from the same losses.
  const fixed = tasks.map(taskOf).filter(({ optimizer }) => !tunings.some(({ label }) => label === optimizer));
  return { kind: 'sweep', name, baseline, fixed, tunings };
}

/**
 * The runs that a folder is known to have by now, those of a tuning's trials too, each once.
 * @throws {SoapBenchError} As {@link readPlan}.
 */
export function knownRuns(path: string): Task[] {
  if (!isSweep(path)) return planRuns(readExperimentConfig(path));
  const { tasks, tunings } = readTasks(path);
  const runs = [...tunings.flatMap(({ tried }) => tried), ...tasks].map(taskOf);
  return [...new Map(runs.map((run) => [run.id, run])).values()];
}

/** What a process has left that was killed before it made the folder anything does not count. */
function isEmpty(path: string): boolean {
  if (!existsSync(path)) return true;
  const isLeftOver = (name: string) =>
    name.startsWith(lockFile) || name.endsWith('.tmp') || (name === 'runs' && isEmpty(join(path, name)));
  return readdirSync(path).every(isLeftOver);
}

/** `20261122-143000`, local time. */
function folderTime(time: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${time.getFullYear()}${two(time.getMonth() + 1)}${two(time.getDate())}`;
  return `${day}-${two(time.getHours())}${two(time.getMinutes())}${two(time.getSeconds())}`;
}
