import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';

/** Files changed so shortly before they were read may have changed again without another time. */
const settledMs = 2000;

/** A file in a state: size, times, and which file it is. Nobody can set the time of the last change back. */
export interface FileState {
  readonly state: string;
  readonly changedMs: number;
}

/** What the system tells of a file. */
export interface FileFacts {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly ctimeMs: bigint;
}

/** The state of a file as the system tells it. */
export function fileState(facts: FileFacts): FileState {
  const { dev, ino, size, mtimeNs, ctimeNs, ctimeMs } = facts;
  return { state: `${dev}:${ino} ${size} ${mtimeNs} ${ctimeNs}`, changedMs: Number(ctimeMs) };
}

/**
 * What files came to when they were read, kept in a folder beside the datasets, so that files that have not changed are not
 * read again. It can be deleted at any time.
 */
export class Remembered<T> {
  constructor(
    private readonly folderName: string,
    private readonly schema: z.ZodType<T>,
  ) {}

  /** @param key Everything that decides it, the states of the files among it. */
  async recall(root: string, key: unknown): Promise<T | undefined> {
    try {
      return this.schema.parse(JSON.parse(await readFile(this.#file(root, key), 'utf8')));
    } catch {
      return undefined;
    }
  }

  /** Keeps what the files came to, unless they may be changing still. */
  async remember(root: string, key: unknown, files: readonly FileState[], value: T): Promise<void> {
    const newest = files.reduce((latest, { changedMs }) => Math.max(latest, changedMs), 0);
    if (Date.now() - newest < settledMs) return;
    try {
      await mkdir(join(root, this.folderName), { recursive: true });
      await writeFile(this.#file(root, key), JSON.stringify(value) + '\n');
    } catch {
      // Without it the files are read again, which is all.
    }
  }

  #file(root: string, key: unknown): string {
    const digest = createHash('sha256').update(JSON.stringify(key)).digest('hex');
    return join(root, this.folderName, `${digest.slice(0, 32)}.json`);
  }
}
