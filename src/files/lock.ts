import { createHash, randomUUID } from 'node:crypto';
import { linkSync, lstatSync, mkdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { SoapBenchError, exitCodes } from '../errors.js';
import { isAlive } from '../process-alive.js';
import { slurmElement } from './slurm-element.js';
import { discard } from './discard.js';
import { writeError } from '../system-error.js';

/** The name of a lock. Files in a folder that start with it are not part of its contents. */
export const lockFile = '.lock';

/** The holder of a folder. A process id alone is not enough, because ids are reused. */
const holderSchema = z.object({
  pid: z.int(),
  host: z.string(),
  /** Start time of the process in the system's units; null if unknown. */
  started: z.string().nullable(),
  /** Id of the machine's boot; null if unknown. */
  boot: z.string().nullable(),
  /** The namespace of `pid`, as containers have their own; null if the system has no namespaces. */
  namespace: z.string().nullable().default(null),
  /** The element of the Slurm array job, such as `12_3`; null outside of one. */
  element: z.string().nullable().default(null),
  /** The index of the pod in a Kubernetes job; null outside of one. */
  podIndex: z.string().nullable().default(null),
});
export type Holder = z.infer<typeof holderSchema>;

/**
 * Locks a folder for this process, so that no two processes write into it. The lock of a dead process is replaced.
 * @returns A function that releases the lock.
 * @throws {SoapBenchError} `run_in_use` if the folder is held by a live process or by one that cannot be checked from here;
 * `lock_unusable` if something other than a lock has its name.
 */
export function lockFolder(folder: string): () => void {
  const file = join(folder, lockFile);
  const mine = `${file}.${process.pid}-${randomUUID()}`;
  const text = JSON.stringify(holderNow());
  try {
    writeFileSync(mine, text);
    take(file, mine, folder);
  } catch (error) {
    throw writeError(file, error);
  } finally {
    discard(mine);
  }
  return () => {
    if (textOf(file) === text) rmSync(file, { force: true });
  };
}

/** Attempts to take a lock that is released while it is inspected, before it counts as in use. */
const attempts = 100;

/** Creates this process's lock. A link appears with its complete contents, and never replaces an existing file. */
function take(file: string, mine: string, folder: string): void {
  for (let attempt = 0; !linked(mine, file); attempt++) {
    const found = readLock(file);
    if (found === undefined && attempt < attempts) continue;
    if (found === undefined || isHeld(found)) throw inUse(folder, file, found ?? '');
    takeAway(file, found, mine, folder);
  }
}

/**
 * Removes the lock of a dead process. Several processes may try this. Only the holder of a second lock, named after the first
 * one's contents, removes it, so that a newer lock is never removed.
 */
function takeAway(file: string, gone: string, mine: string, folder: string): void {
  const second = `${file}.${createHash('sha256').update(gone).digest('hex').slice(0, 16)}`;
  take(second, mine, folder);
  try {
    if (readLock(file) === gone) rmSync(file);
  } finally {
    rmSync(second, { force: true });
  }
}

/**
 * Runs `work` while this process holds the lock of a folder. The folder is created if necessary.
 * @throws {SoapBenchError} As {@link lockFolder}.
 */
export async function holdFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw writeError(folder, error);
  }
  const unlock = lockFolder(folder);
  try {
    return await work();
  } finally {
    unlock();
  }
}

/** Returns the holder of a folder if it is alive or cannot be checked from here, else undefined. */
export function folderHolder(folder: string): Holder | undefined {
  const found = textOf(join(folder, lockFile));
  return found !== undefined && isHeld(found) ? holderOf(found) : undefined;
}

/**
 * Releases the lock of a process that cannot be checked from here and is known to be dead.
 * @throws {SoapBenchError} `run_in_use` if another process has taken the lock meanwhile.
 */
export function freeFolder(folder: string, gone: Holder): void {
  const file = join(folder, lockFile);
  const found = textOf(file);
  if (found === undefined || !isDeepStrictEqual(holderOf(found), gone)) return;
  const mine = `${file}.${process.pid}-${randomUUID()}`;
  try {
    writeFileSync(mine, JSON.stringify(holderNow()));
    takeAway(file, found, mine, folder);
  } catch (error) {
    throw writeError(file, error);
  } finally {
    discard(mine);
  }
}

/** Returns true if a folder is held by a live process, or by one that cannot be checked from here. */
export function isFolderHeld(folder: string): boolean {
  const found = textOf(join(folder, lockFile));
  return found !== undefined && isHeld(found);
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function isHeld(text: string): boolean {
  const holder = holderOf(text);
  if (holder === undefined) return true;
  const now = holderNow();
  if (!canBeAsked(holder, now)) return !isSameTask(holder, now);
  if (holder.boot !== now.boot) return false;
  return isAlive(holder.pid) && holder.started === startOf(holder.pid);
}

/** Returns true if the holder's process id is valid here: on the same machine and in the same container. */
function canBeAsked(holder: Holder, now: Holder): boolean {
  if (holder.host !== now.host) return false;
  return holder.boot !== now.boot || holder.namespace === null || holder.namespace === now.namespace;
}

/** Returns true for an earlier attempt at the same task. Slurm and Kubernetes restart a task only after it has ended. */
function isSameTask(holder: Holder, now: Holder): boolean {
  if (holder.element !== null) return holder.element === now.element;
  // A pod's host name contains the job's name.
  return holder.podIndex !== null && holder.podIndex === now.podIndex && holder.host === now.host;
}

function holderNow(): Holder {
  return {
    pid: process.pid,
    host: hostname(),
    started: startOf(process.pid),
    boot: textOf('/proc/sys/kernel/random/boot_id')?.trim() ?? null,
    namespace: namespaceNow(),
    element: slurmElement() ?? null,
    podIndex: process.env.JOB_COMPLETION_INDEX ?? null,
  };
}

function namespaceNow(): string | null {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return null;
  }
}

/** Start time of a process in clock ticks since boot (field 22 of Linux's stat); null if it has ended. */
function startOf(pid: number): string | null {
  const stat = textOf(`/proc/${pid}/stat`);
  // The name before the fields is in parentheses and may contain anything.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  // A zombie has ended and only waits for its parent.
  return fields[0] === 'Z' ? null : (fields[19] ?? null);
}

function holderOf(text: string): Holder | undefined {
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * Reads the contents of a lock; undefined if it has been released.
 * @throws {SoapBenchError} `lock_unusable`.
 */
function readLock(file: string): string | undefined {
  const entry = lstatSync(file, { throwIfNoEntry: false });
  if (entry === undefined) return undefined;
  if (!entry.isFile()) throw unusable(file, entry.isDirectory() ? 'it is a folder' : 'it is not a file');
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw unusable(file, `it cannot be read (${code})`);
  }
}

function unusable(file: string, why: string): SoapBenchError {
  return new SoapBenchError('lock_unusable', `${file} is where soap-bench locks the folder, and ${why}`, {
    exitCode: exitCodes.unavailable,
    hint: 'if nothing is training there, remove it and try again',
  });
}

function inUse(folder: string, file: string, found: string): SoapBenchError {
  const holder = holderOf(found);
  const now = holderNow();
  const isHere = holder !== undefined && canBeAsked(holder, now);
  const where = holder?.host === now.host ? 'another container' : 'another machine';
  const who = holder === undefined ? 'something' : `process ${holder.pid}${isHere ? '' : ` of ${where}`}`;
  return new SoapBenchError('run_in_use', `${folder} is in use: ${who} is writing into it`, {
    exitCode: exitCodes.unavailable,
    hint: isHere
      ? `wait for it to end, or end it with \`kill ${holder.pid}\`, which keeps what it has computed`
      : `if that one is certainly gone, delete ${file}`,
  });
}
