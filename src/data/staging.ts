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
 * @throws {SoapBenchError} `datasets_not_writable` when the system refuses to write there.
 */
export async function publishFolder(
  root: string,
  name: string,
  replace: boolean,
  fill: (folder: string) => Promise<void>,
): Promise<void> {
  const staging = await makeStaging(root);
  try {
    await fill(staging);
    if (replace) await moveAway(root, name);
    await rename(staging, join(root, name)).catch(async (error: unknown) => {
      if (!(await exists(join(root, name)))) throw error;
    });
  } catch (error) {
    throw isSystemError(error) ? notWritable(root, error) : error;
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
  await rename(join(root, name), join(old, name)).catch(async (error: unknown) => {
    if (await exists(join(root, name))) throw error;
  });
  await rm(old, { recursive: true, force: true });
}

/** Failures of the file system carry a code such as ENOSPC; our own have been explained already. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && !(error instanceof SoapBenchError);
}

function notWritable(root: string, cause: unknown): SoapBenchError {
  return new SoapBenchError('datasets_not_writable', `Cannot write a dataset into ${root}: ${messageOf(cause)}`, {
    exitCode: exitCodes.unavailable,
    hint: 'Make room or set SOAP_BENCH_DATASETS to a folder that you may write to.',
    cause,
  });
}
