import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SoapBenchError, exitCodes, messageOf } from '../errors.js';

const stagingPrefix = '.staging-';
const abandonedAfterMs = 24 * 3600 * 1000;

/** Folder of all prepared datasets: `$SOAP_BENCH_DATASETS`, or `datasets` in the current folder. */
export function datasetsRoot(): string {
  const fromEnvironment = process.env.SOAP_BENCH_DATASETS;
  return fromEnvironment === undefined || fromEnvironment === '' ? join(process.cwd(), 'datasets') : fromEnvironment;
}

export async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

/**
 * Makes `<root>/<name>` so that it appears complete or not at all: `fill` writes into a folder of its own, which is
 * renamed at the end. When another process was faster, its folder stays and ours is dropped.
 * @param replace Put the new folder in the place of an existing one.
 * @returns What `fill` returns.
 * @throws {SoapBenchError} `datasets_not_writable` when the system refuses to write there.
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
      // Windows says EPERM for a folder in the way, and for real refusals too.
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

/** Made with the user's default permissions, unlike mkdtemp: colleagues may share the datasets. */
async function newFolder(root: string): Promise<string> {
  const path = join(root, `${stagingPrefix}${randomUUID()}`);
  await mkdir(path);
  return path;
}

/** A killed process leaves its staging folder behind; another machine's may still be at work, hence the age. */
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

/** The file system's code such as ENOSPC; empty for any other failure, which has been explained already. */
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
