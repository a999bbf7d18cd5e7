import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadedSweep } from '../config/load.js';
import { SoapBenchError, exitCodes } from '../errors.js';
import { sweepFolder, tasksJson, writeSource, writeTasks } from '../experiment/folder.js';
import { planTunings } from '../experiment/plan-tunings.js';
import { planTasks } from '../experiment/tasks.js';
import { isSweep, tasksFile, type TaskList } from '../results/tasks.js';

/**
 * Creates the folder of a sweep without runs, or keeps an existing one.
 * @param output The folder, or undefined for `results/<experiment>/sweep`.
 * @returns The folder.
 * @throws {SoapBenchError} `output_not_empty` if the folder contains something else.
 */
export function writeTimedFolder(loaded: LoadedSweep, output: string | undefined): string {
  const { name, baseline } = loaded.config;
  const folder = sweepFolder(loaded.config, output);
  const list: TaskList = {
    name,
    baseline,
    tasks: planTasks(loaded.variants ?? [], baseline),
    tunings: planTunings(loaded.tuned).map((tuning) => ({ ...tuning, tried: [] })),
  };
  if (isSweep(folder)) {
    if (readFileSync(join(folder, tasksFile), 'utf8') === tasksJson(list)) return folder;
    throw new SoapBenchError('output_not_empty', `${folder} holds a sweep with other tasks`, {
      exitCode: exitCodes.usage,
      hint: `\`soap-bench time ${folder}\` times what is there; --output takes another folder`,
    });
  }
  writeTasks(list, folder);
  writeSource(loaded.source, folder);
  return folder;
}
