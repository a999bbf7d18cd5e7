import { readdirSync, realpathSync, statSync, type Dirent, type Stats } from 'node:fs';
import { join } from 'node:path';
import { SoapBenchError } from '../errors.js';
import { systemError } from '../system-error.js';

/** Told of a folder that was not looked into because this user may not read it. */
export type PassedOver = (folder: string) => void;

/**
 * Folders of experiments and sweeps, the newest first. Links are followed, and each folder is found once, also where links go
 * round in a circle. Folders of others that may not be read are passed over, but for the one that was asked for.
 * @param levels How many folders down to look.
 * @throws {SoapBenchError} When the system refuses to list a folder for another reason.
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
 * Names of the folders in a folder, those behind links last, without hidden ones and packages; none when it is not there.
 * @throws {SoapBenchError} When the system refuses to list it.
 */
export function foldersIn(folder: string): string[] {
  const entries = entriesIn(folder);
  const links = entries.filter((entry) => entry.isSymbolicLink() && isFolder(join(folder, entry.name)));
  const folders = [...entries.filter((entry) => entry.isDirectory()), ...links].map(({ name }) => name);
  return folders.filter((name) => !name.startsWith('.') && name !== 'node_modules');
}

/** The same while searching: none of a folder that this user may not read. */
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
 * Names of all that is in a folder; none when it is not there.
 * @throws {SoapBenchError} When the system refuses to list it.
 */
export function namesIn(folder: string): string[] {
  return entriesIn(folder).map(({ name }) => name);
}

/** A folder may go between being found and being read, as runs that begin anew do: that is no failure, all else is. */
function entriesIn(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw systemError(error, folder);
  }
}

/** Whether a folder is that of an experiment or a sweep. */
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

/** Undefined when there is nothing, also where a part of the path is a file. */
function lookAt(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
