import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { SoapBenchError, exitCodes } from '../errors.js';
import { isAlive } from '../process-alive.js';
import { slurmElement } from './slurm-element.js';
import { discard } from '../discard.js';
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
  /** The element of a Slurm array job that it belongs to, `12_3`; null when it is of none. */
  element: z.string().nullable().default(null),
});
export type Holder = z.infer<typeof holderSchema>;

/**
 * Takes a folder for this process, so that no two write into it. What a process that is gone has left is taken over.
 * @returns Gives the folder back.
 * @throws {SoapBenchError} `run_in_use` when a live process holds it, or one that cannot be asked from here.
 */
export function lockFolder(folder: string): () => void {
  const file = join(folder, lockFile);
  const mine = `${file}.${process.pid}`;
  const text = JSON.stringify(holderNow());
  try {
    writeFileSync(mine, text);
    // A link appears with its whole content or not at all, and never in the place of another one.
    for (let attempt = 0; !linked(mine, file); attempt++) {
      const found = textOf(file);
      if (found === undefined) continue;
      if (attempt === 3 || isHeld(found)) throw inUse(folder, file, found);
      takeAway(file, found, folder);
    }
  } catch (error) {
    throw writeError(file, error);
  } finally {
    discard(mine);
  }
  return () => {
    if (textOf(file) === text) rmSync(file, { force: true });
  };
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
  if (found !== undefined && isDeepStrictEqual(holderOf(found), gone)) takeAway(file, found, folder);
}

/** Whether a live process holds a folder, or one that cannot be asked from here. */
export function isFolderHeld(folder: string): boolean {
  const found = textOf(join(folder, lockFile));
  return found !== undefined && isHeld(found);
}

/** Removes the lock of a process that is gone, unless another process was faster and has put its own there. */
function takeAway(file: string, expected: string, folder: string): void {
  const aside = `${file}.${process.pid}.gone`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  const found = textOf(aside);
  if (found !== expected && found !== undefined) {
    linked(aside, file);
    rmSync(aside, { force: true });
    throw inUse(folder, file, found);
  }
  rmSync(aside, { force: true });
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
  const now = holderNow();
  // Another machine's processes cannot be asked. Slurm lets an element begin anew only when it has ended elsewhere.
  if (holder?.host !== now.host)
    return holder === undefined || holder.element === null || holder.element !== now.element;
  if (holder.boot !== now.boot) return false;
  return isAlive(holder.pid) && holder.started === startOf(holder.pid);
}

function holderNow(): Holder {
  const boot = textOf('/proc/sys/kernel/random/boot_id')?.trim() ?? null;
  return { pid: process.pid, host: hostname(), started: startOf(process.pid), boot, element: slurmElement() ?? null };
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

function inUse(folder: string, file: string, found: string): SoapBenchError {
  const holder = holderOf(found);
  const isHere = holder?.host === hostname();
  const who = holder === undefined ? 'something' : `process ${holder.pid}${isHere ? '' : ' of another machine'}`;
  return new SoapBenchError('run_in_use', `${folder} is in use: ${who} is writing into it`, {
    exitCode: exitCodes.unavailable,
    hint: isHere
      ? `wait for it to end, or end it with \`kill ${holder.pid}\`, which keeps what it has computed`
      : `if that one is certainly gone, delete ${file}`,
  });
}
