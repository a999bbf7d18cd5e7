import { readdirSync, realpathSync, statSync, type Dirent, type Stats } from 'node:fs';
import { join } from 'node:path';
import { SoapBenchError } from '../errors.js';
import { systemError } from '../system-error.js';

/** Called for a folder that is skipped because the user may not read it. */
export type PassedOver = (folder: string) => void;

/**
 * Finds the folders of experiments and sweeps, the newest first. Links are followed, and each folder is found once, even if
 * links form a cycle. Folders that the user may not read are skipped, except for `root`.
 * @param levels The depth of the search.
 * @throws {SoapBenchError} If the system refuses to list a folder for another reason.
 */
export function experimentsBeneath(root: string, levels: number, passedOver: PassedOver = () => undefined): string[] {
  const seen = new Set<string>();
  const search = (folder: string, depth: number): string[] => {
    const place = realPath(folder);
    if (place === undefined || seen.has(place)) return [];
    seen.add(place);
    if (isExperiment(folder)) return [folder];
    if (depth === 0) return [];
    const names = folder === root ? foldersIn(folder) : foldersInOrPassed(folder, passedOver);
    return names.flatMap((name) => search(join(folder, name), depth - 1));
  };
  const startedAt = (folder: string) => lookAt(join(folder, 'config.yaml'))?.mtimeMs ?? 0;
  return search(root, levels).toSorted((a, b) => startedAt(b) - startedAt(a));
}

/**
 * Lists the names of folders in a folder, links last, without hidden ones and packages; none if it does not exist.
 * @throws {SoapBenchError} If the system refuses to list it.
 */
export function foldersIn(folder: string): string[] {
  const entries = entriesIn(folder);
  const links = entries.filter((entry) => entry.isSymbolicLink() && isFolder(join(folder, entry.name)));
  const folders = [...entries.filter((entry) => entry.isDirectory()), ...links].map(({ name }) => name);
  return folders.filter((name) => !name.startsWith('.') && name !== 'node_modules');
}

/** Like `foldersIn`, but returns none for a folder that the user may not read. */
export function foldersInOrPassed(folder: string, passedOver: PassedOver = () => undefined): string[] {
  try {
    return foldersIn(folder);
  } catch (error) {
    if (!(error instanceof SoapBenchError && error.code === 'permission_denied')) throw error;
    passedOver(folder);
    return [];
  }
}

/**
 * Lists the names in a folder; none if it does not exist.
 * @throws {SoapBenchError} If the system refuses to list it.
 */
export function namesIn(folder: string): string[] {
  return entriesIn(folder).map(({ name }) => name);
}

/** Reads a folder. It may have been removed since it was found, as by a run that starts again; that is not an error. */
function entriesIn(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw systemError(error, folder);
  }
}

/** Returns true for the folder of an experiment or a sweep. */
export function isExperiment(folder: string): boolean {
  return isFolder(join(folder, 'runs')) && isFile(join(folder, 'config.yaml'));
}

export function isFolder(path: string): boolean {
  return lookAt(path)?.isDirectory() === true;
}

export function isFile(path: string): boolean {
  return lookAt(path)?.isFile() === true;
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** Returns undefined if the path does not exist, even because a part of it is a file. */
function lookAt(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
