import { readdirSync, realpathSync, statSync, type Stats } from 'node:fs';
import { join } from 'node:path';

/**
 * Folders of experiments and sweeps, the newest first. Links are followed, and each folder is found once, also where links go
 * round in a circle.
 * @param levels How many folders down to look.
 */
export function experimentsBeneath(root: string, levels: number): string[] {
  const seen = new Set<string>();
  const search = (folder: string, depth: number): string[] => {
    const place = realPath(folder);
    if (place === undefined || seen.has(place)) return [];
    seen.add(place);
    if (isExperiment(folder)) return [folder];
    return depth === 0 ? [] : foldersIn(folder).flatMap((name) => search(join(folder, name), depth - 1));
  };
  const startedAt = (folder: string) => lookAt(join(folder, 'config.yaml'))?.mtimeMs ?? 0;
  return search(root, levels).toSorted((a, b) => startedAt(b) - startedAt(a));
}

/** Names of the folders in a folder, those behind links last, without hidden ones and packages; none when it cannot be read. */
export function foldersIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    const links = entries.filter((entry) => entry.isSymbolicLink() && isFolder(join(folder, entry.name)));
    const folders = [...entries.filter((entry) => entry.isDirectory()), ...links].map(({ name }) => name);
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
