import { existsSync } from 'node:fs';
import { lstat, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { isAlive } from '../../process-alive.js';
import { writeError } from '../../system-error.js';

/** The cache folder that all checkouts share: $SOAP_BENCH_CACHE, or in the user's XDG cache. */
export function cacheRoot(env: NodeJS.ProcessEnv = process.env): string {
  if (env.SOAP_BENCH_CACHE) return env.SOAP_BENCH_CACHE;
  return join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'soap-bench');
}

/** The folder of the engine with this key, with `lib` (the addon) and `deps` (libtensorflow). */
export function entryDir(cacheDir: string, key: string): string {
  return join(cacheDir, 'native', key);
}

/**
 * Creates a folder to build in. Its name holds the host and the process, so that a later start can tell if the builder is
 * still alive. The host matters because home folders are often shared.
 * @throws {SoapBenchError} If the folder cannot be created.
 */
export async function createStaging(cacheDir: string): Promise<string> {
  const parent = join(cacheDir, 'staging');
  try {
    await mkdir(parent, { recursive: true });
    return await mkdtemp(join(parent, `${hostname()}~${process.pid}~`));
  } catch (error) {
    throw writeError(parent, error);
  }
}

/** Removes the folders of builders that were killed on this host. */
export async function removeDeadStaging(cacheDir: string): Promise<void> {
  const parent = join(cacheDir, 'staging');
  if (!existsSync(parent)) return;
  for (const name of await readdir(parent)) {
    const [host, pid] = name.split('~');
    if (host === hostname() && !isAlive(Number(pid))) await rm(join(parent, name), { recursive: true, force: true });
  }
}

/**
 * Publishes a finished folder by a single rename, so that an entry is either complete or absent.
 * If another process has published first, its entry stays, unless `replace` is set.
 */
export async function publish(finished: string, entry: string, replace: boolean): Promise<void> {
  await mkdir(join(entry, '..'), { recursive: true });
  // Moved into our own staging folder, which is removed at the end or by `removeDeadStaging`.
  if (replace && existsSync(entry)) await rename(entry, finished + '.replaced');
  try {
    await rename(finished, entry);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
}

/** The size of all files below a folder. Links are not followed. */
export async function folderBytes(folder: string): Promise<number> {
  if (!existsSync(folder)) return 0;
  let bytes = 0;
  for (const file of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (file.isFile()) bytes += (await lstat(join(file.parentPath, file.name))).size;
  }
  return bytes;
}
