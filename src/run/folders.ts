import { readdirSync, statSync, type Stats } from 'node:fs';
import { join } from 'node:path';

/**
 * Folders of experiments and sweeps, the newest first.
 * @param levels How many folders down to look.
 */
export function experimentsBeneath(root: string, levels: number): string[] {
  const search = (folder: string, depth: number): string[] => {
    if (isExperiment(folder)) return [folder];
    return depth === 0 ? [] : foldersIn(folder).flatMap((name) => search(join(folder, name), depth - 1));
  };
  const startedAt = (folder: string) => lookAt(join(folder, 'config.yaml'))?.mtimeMs ?? 0;
  return search(root, levels).toSorted((a, b) => startedAt(b) - startedAt(a));
}

/** Names of the folders in a folder, without hidden ones and packages; none when it cannot be read. */
export function foldersIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    return folders.filter((name) => !name.startsWith('.') && name !== 'node_modules');
  } catch {
    // A folder that may not be read has nothing to offer.
    return [];
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

/** Undefined when there is nothing, also where a part of the path is a file. */
function lookAt(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
