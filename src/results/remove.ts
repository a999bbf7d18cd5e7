import { basename, dirname, join, resolve } from 'node:path';
import { SoapBenchError, exitCodes } from '../errors.js';
import type { Found } from './find-by-name.js';
import type { FoundExperiment } from './find.js';
import { foldersIn, isFolder } from '../files/folders.js';
import { isFolderHeld, lockFolder } from '../files/lock.js';
import { isOfExperiment, isOfRun, linkTarget, removeOwnFiles } from './own-files.js';

/**
 * Removes what soap-bench has written into the folder of an experiment, a sweep or a run, and the folder where nothing else
 * is in it.
 * @returns What stays, as paths below the folder: files that soap-bench has not made, and links.
 * @throws {SoapBenchError} `run_in_use` when a process writes into it or trains the experiment that it is part of;
 * `not_removed` when the folder is a link, cannot be read as what it is taken for, or may not be changed.
 */
export function removeFound(found: Found): string[] {
  const { directory } = found.kind === 'run' ? found.run : found.experiment;
  const runs = found.kind === 'experiment' ? found.experiment.runs.map((run) => run.directory) : [];
  assertRemovable(found);
  const unlocks: (() => void)[] = [];
  try {
    for (const folder of [directory, ...runs].filter(isFolder)) unlocks.push(lockUnlessFull(folder));
    return removeOwnFiles(
      resolve(directory),
      found.kind === 'run' ? isOfRun : isOfExperiment(ownRuns(found.experiment)),
    );
  } catch (error) {
    if (error instanceof SoapBenchError) throw error;
    throw notRemoved(directory, (error as NodeJS.ErrnoException).code ?? String(error), error);
  } finally {
    for (const unlock of unlocks) unlock();
  }
}

/** @throws {SoapBenchError} `run_in_use`, `not_removed`: as {@link removeFound}, before anything has changed. */
export function assertRemovable(found: Found): void {
  assertNotInUse(found);
  const { directory, problem } = found.kind === 'run' ? found.run : found.experiment;
  const folder = resolve(directory);
  if (!isFolder(folder)) throw notRemoved(directory, 'there is nothing of it yet');
  const link = [folder, found.kind === 'run' ? dirname(folder) : join(folder, 'runs')].find(
    (path) => linkTarget(path) !== undefined,
  );
  if (link !== undefined) throw isLink(link, linkTarget(link)!);
  if (found.kind === 'experiment') {
    if (problem !== undefined) throw notOurs(directory, problem);
    const names = foldersIn(join(directory, 'runs'));
    if (names.length > 0 && !names.some((name) => ownRuns(found.experiment).has(name))) {
      throw notOurs(directory, 'none of the folders in its runs/ is that of a run');
    }
  } else if (found.run.config === undefined) throw notOurs(directory, problem ?? 'it has no configuration');
}

/** Folders of an experiment's runs that are known to be such. */
function ownRuns({ runs }: FoundExperiment): Set<string> {
  return new Set(runs.filter(({ config }) => config !== undefined).map(({ directory }) => basename(directory)));
}

/** On a full disk nobody else can take the folder either, and removing is what makes room. */
function lockUnlessFull(folder: string): () => void {
  try {
    return lockFolder(folder);
  } catch (error) {
    if (error instanceof SoapBenchError && error.code === 'disk_full') return () => undefined;
    throw error;
  }
}

/** @throws {SoapBenchError} `run_in_use`. */
function assertNotInUse({ experiment, ...found }: Found): void {
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

function notRemoved(directory: string, why: string, cause?: unknown): SoapBenchError {
  return new SoapBenchError('not_removed', `${directory} cannot be removed: ${why}`, {
    exitCode: exitCodes.unavailable,
    hint: 'nothing was changed unless a folder .removing-… is left beside it; check who owns the folder',
    cause,
  });
}

function notOurs(directory: string, problem: string): SoapBenchError {
  return new SoapBenchError('not_removed', `${directory} is not removed, as it may not be soap-bench's: ${problem}`, {
    exitCode: exitCodes.usage,
    hint: 'look at what is in it, and remove it by hand',
  });
}

function isLink(path: string, target: string): SoapBenchError {
  return new SoapBenchError(
    'not_removed',
    `${path} is a link to ${target}, and links are not followed to remove files`,
    {
      exitCode: exitCodes.usage,
      hint: `name the folder that it leads to, or remove the link alone: rm ${path}`,
    },
  );
}
