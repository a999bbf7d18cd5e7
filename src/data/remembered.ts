import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';

/** A file that changed less than this before it was read may have changed again with the same time stamp. */
const settledMs = 2000;

/** The identity, size and times of a file. The time of the last status change cannot be set back. */
export interface FileState {
  readonly state: string;
  readonly changedMs: number;
}

/** The facts about a file from the operating system. */
export interface FileFacts {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly ctimeMs: bigint;
}

/** Describes the current state of a file. */
export function fileState(facts: FileFacts): FileState {
  const { dev, ino, size, mtimeNs, ctimeNs, ctimeMs } = facts;
  return { state: `${dev}:${ino} ${size} ${mtimeNs} ${ctimeNs}`, changedMs: Number(ctimeMs) };
}

/**
 * A cache of results from reading files, in a folder beside the datasets, so that unchanged files are not read again. It can
 * be deleted at any time.
 */
export class Remembered<T> {
  constructor(
    private readonly folderName: string,
    private readonly schema: z.ZodType<T>,
  ) {}

  /** @param key Everything that decides the result, including the states of the files. */
  async recall(root: string, key: unknown): Promise<T | undefined> {
    try {
      return this.schema.parse(JSON.parse(await readFile(this.#file(root, key), 'utf8')));
    } catch {
      return undefined;
    }
  }

  /** Stores the result of reading the files, unless they may still be changing. */
  async remember(root: string, key: unknown, files: readonly FileState[], value: T): Promise<void> {
    const newest = files.reduce((latest, { changedMs }) => Math.max(latest, changedMs), 0);
    if (Date.now() - newest < settledMs) return;
    try {
      await mkdir(join(root, this.folderName), { recursive: true });
      await writeFile(this.#file(root, key), JSON.stringify(value) + '\n');
    } catch {
      // Without the cache, the files are read again.
    }
  }

  #file(root: string, key: unknown): string {
    const digest = createHash('sha256').update(JSON.stringify(key)).digest('hex');
    return join(root, this.folderName, `${digest.slice(0, 32)}.json`);
  }
}
