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

/** What begins with it in a folder is not its content. */
export const lockFile = '.lock';

/** Who holds a folder. A process number alone would be met again after a restart of the machine, or much later. */
const holderSchema = z.object({
  pid: z.int(),
  host: z.string(),
  /** When the process began, in the system's own count; null where the system does not say. */
  started: z.string().nullable(),
  /** Changes with every start of the machine; null where the system does not say. */
  boot: z.string().nullable(),
  /** The process numbers that `pid` is one of: a container has its own. Null where the system has only one set of them. */
  namespace: z.string().nullable().default(null),
  /** The element of a Slurm array job that it belongs to, `12_3`; null when it is of none. */
  element: z.string().nullable().default(null),
  /** The index of a Kubernetes job's pod that it belongs to; null when it is of none. */
  podIndex: z.string().nullable().default(null),
});
export type Holder = z.infer<typeof holderSchema>;

/**
 * Takes a folder for this process, so that no two write into it. What a process that is gone has left is taken over.
 * @returns Gives the folder back.
 * @throws {SoapBenchError} `run_in_use` when a live process holds it, or one that cannot be asked from here; `lock_unusable`
 * when something else is where the lock belongs.
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

/** How often a lock may be given back just when it was looked at, before that counts as in use. */
const attempts = 100;

/** Puts this process's lock in its place. A link appears with its whole content or not at all, and never over another one. */
function take(file: string, mine: string, folder: string): void {
  for (let attempt = 0; !linked(mine, file); attempt++) {
    const found = readLock(file);
    if (found === undefined && attempt < attempts) continue;
    if (found === undefined || isHeld(found)) throw inUse(folder, file, found ?? '');
    takeAway(file, found, mine, folder);
  }
}

/**
 * Removes the lock of a process that is gone. Several may want to: only the one that holds a second lock, which is named
 * after the first one's content, so that a lock put there meanwhile is never removed.
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
 * Does something while this process holds a folder, which is created if it is not there.
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

/** The process that holds a folder, also one that cannot be asked from here; undefined when there is none. */
export function folderHolder(folder: string): Holder | undefined {
  const found = textOf(join(folder, lockFile));
  return found !== undefined && isHeld(found) ? holderOf(found) : undefined;
}

/**
 * Frees a folder of a process that cannot be asked from here and is known to be gone.
 * @throws {SoapBenchError} `run_in_use` when another process has taken it meanwhile.
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

/** Whether a live process holds a folder, or one that cannot be asked from here. */
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

/** Whether a process number means here what it means to its holder: not on another machine, nor in another container. */
function canBeAsked(holder: Holder, now: Holder): boolean {
  if (holder.host !== now.host) return false;
  return holder.boot !== now.boot || holder.namespace === null || holder.namespace === now.namespace;
}

/** Slurm and Kubernetes let a task begin anew only when it has ended elsewhere. */
function isSameTask(holder: Holder, now: Holder): boolean {
  if (holder.element !== null) return holder.element === now.element;
  // A pod's host name has the job's name in it.
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

/** Field 22 of Linux's process table, clock ticks from the machine's start to the process's; null for one that has ended. */
function startOf(pid: number): string | null {
  const stat = textOf(`/proc/${pid}/stat`);
  // The name before the fields stands in brackets and may hold anything.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  // A zombie waits for its parent to ask how it ended, and does nothing else.
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
 * The content of a lock; undefined when it has been given back.
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
