import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SoapBenchError, exitCodes, messageOf } from '../errors.js';

const stagingPrefix = '.staging-';
const abandonedAfterMs = 24 * 3600 * 1000;

/** The folder of all prepared datasets: `$SOAP_BENCH_DATASETS`, or `datasets` in the working folder. */
export function datasetsRoot(): string {
  const fromEnvironment = process.env.SOAP_BENCH_DATASETS;
  return fromEnvironment === undefined || fromEnvironment === '' ? join(process.cwd(), 'datasets') : fromEnvironment;
}

export async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

/**
 * Creates `<root>/<name>` so that it appears complete or not at all. `fill` writes into a temporary folder, which is renamed
 * at the end. If another process was faster, its folder stays and this one is removed.
 * @param replace Replaces an existing folder.
 * @returns The result of `fill`.
 * @throws {SoapBenchError} `datasets_not_writable` if the folder cannot be written.
 */
export async function publishFolder<T>(
  root: string,
  name: string,
  replace: boolean,
  fill: (folder: string) => Promise<T>,
): Promise<T> {
  const staging = await makeStaging(root);
  try {
    const result = await fill(staging);
    if (replace) await moveAway(root, name);
    await rename(staging, join(root, name)).catch(async (error: unknown) => {
      // Windows reports EPERM for an existing folder, and also for real refusals.
      const isTaken = ['ENOTEMPTY', 'EEXIST'].includes(systemCode(error)) || (await exists(join(root, name)));
      if (!isTaken) throw error;
    });
    return result;
  } catch (error) {
    throw systemCode(error) === '' ? error : notWritable(root, error);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function makeStaging(root: string): Promise<string> {
  try {
    await mkdir(root, { recursive: true });
    await removeAbandoned(root);
    return await newFolder(root);
  } catch (error) {
    throw notWritable(root, error);
  }
}

/** Creates a folder with the user's default permissions, unlike mkdtemp, so that datasets can be shared. */
async function newFolder(root: string): Promise<string> {
  const path = join(root, `${stagingPrefix}${randomUUID()}`);
  await mkdir(path);
  return path;
}

/** Removes old folders of killed processes. Recent ones may belong to a process on another machine. */
async function removeAbandoned(root: string): Promise<void> {
  for (const entry of await readdir(root)) {
    if (!entry.startsWith(stagingPrefix)) continue;
    const path = join(root, entry);
    const age = Date.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now());
    if (age > abandonedAfterMs) await rm(path, { recursive: true, force: true });
  }
}

async function moveAway(root: string, name: string): Promise<void> {
  const old = await newFolder(root);
  await rename(join(root, name), join(old, name)).catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error;
  });
  await rm(old, { recursive: true, force: true });
}

/** The file system's error code such as ENOSPC; empty for other errors, which have their own explanation. */
function systemCode(error: unknown): string {
  return error instanceof Error && 'syscall' in error && 'code' in error ? String(error.code) : '';
}

function notWritable(root: string, cause: unknown): SoapBenchError {
  return new SoapBenchError('datasets_not_writable', `Cannot write a dataset into ${root}: ${messageOf(cause)}`, {
    exitCode: exitCodes.unavailable,
    hint: 'Make room or set SOAP_BENCH_DATASETS to a folder that you may write to.',
    cause,
  });
}
