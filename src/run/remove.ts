import { renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { SoapBenchError, exitCodes } from '../errors.js';
import type { Found } from './find-by-name.js';
import { isFolder } from './folders.js';
import { isFolderHeld, lockFolder } from './lock.js';

/**
 * Removes the folder of an experiment, a sweep or a run, whole or not at all.
 * @throws {SoapBenchError} `run_in_use` when a process writes into it or trains the experiment that it is part of;
 * `not_removed` when the folder may not be changed.
 */
export function removeFound(found: Found): void {
  const { directory } = found.kind === 'run' ? found.run : found.experiment;
  const runs = found.kind === 'experiment' ? found.experiment.runs.map((run) => run.directory) : [];
  assertNotInUse(found);
  const unlocks: (() => void)[] = [];
  try {
    for (const folder of [directory, ...runs].filter(isFolder)) unlocks.push(lockFolder(folder));
    // Out of sight at once: half of a folder would look damaged.
    const aside = join(dirname(directory), `.removing-${process.pid}-${basename(directory)}`);
    try {
      renameSync(directory, aside);
      rmSync(aside, { recursive: true, force: true });
    } catch (error) {
      throw notRemoved(directory, error);
    }
  } finally {
    for (const unlock of unlocks) unlock();
  }
}

/** @throws {SoapBenchError} `run_in_use`. */
export function assertNotInUse({ experiment, ...found }: Found): void {
  if (isFolderHeld(experiment.directory)) throw inUse(experiment.directory);
  const runs = found.kind === 'run' ? [found.run] : experiment.runs;
  const held = runs.find(({ directory }) => isFolderHeld(directory));
  if (held !== undefined) throw inUse(held.directory);
}

function inUse(directory: string): SoapBenchError {
  return new SoapBenchError('run_in_use', `${directory} is in use: a process is training there`, {
    exitCode: exitCodes.unavailable,
    hint: 'wait for it to end, or stop it',
  });
}

function notRemoved(directory: string, error: unknown): SoapBenchError {
  const { code } = error as NodeJS.ErrnoException;
  return new SoapBenchError('not_removed', `${directory} cannot be removed: ${code ?? String(error)}`, {
    exitCode: exitCodes.unavailable,
    hint: 'nothing was changed unless a folder .removing-… is left beside it; check who owns the folder',
    cause: error,
  });
}
