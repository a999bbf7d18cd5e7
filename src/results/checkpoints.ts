import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { messageOf } from '../errors.js';
import { syncFolder } from '../files/atomic-file.js';
import {
  readCheckpoint,
  writeCheckpoint,
  type Checkpoint,
  type CheckpointRecord,
  type CheckpointTensors,
} from './checkpoint.js';
import { discard } from '../files/discard.js';
import { namesIn } from '../files/folders.js';
import { isSystemError, systemError, writeError } from '../system-error.js';

/**
 * The checkpoints of a run: `<folder>/step-<number>`, each there whole or not at all. What a killed process was writing or
 * removing has a name that begins with a dot.
 */
export class Checkpoints {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Adds a checkpoint and removes the oldest beyond `keep`.
   * @throws {SoapBenchError} When the system refuses; the checkpoints that were there still are.
   */
  async save(record: CheckpointRecord, tensors: CheckpointTensors, keep: number): Promise<void> {
    const staging = join(this.#folder, `.writing-${process.pid}`);
    const path = this.#pathOf(record.step);
    try {
      mkdirSync(this.#folder, { recursive: true });
      this.#removeLeftovers();
      await writeCheckpoint(staging, record, tensors);
      renameSync(staging, path);
      syncFolder(this.#folder);
    } catch (error) {
      discard(staging);
      throw writeError(path, error);
    }
    for (const step of this.steps.slice(keep)) this.#remove(step);
  }

  /** Steps of all checkpoints, the newest first. */
  get steps(): number[] {
    return namesIn(this.#folder)
      .flatMap((name) => /^step-(\d+)$/.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => b - a);
  }

  /**
   * The newest checkpoint that can be used. Newer ones that are damaged are removed, as the run will write them again; those
   * whose files are as they were written are moved into another folder.
   * @param problemOf Says why a checkpoint cannot be used although its files are as they were written.
   * @param asideFolder Where such checkpoints go; called when there is one.
   * @param tell Told of every checkpoint that cannot be used.
   */
  newest(
    problemOf: (record: CheckpointRecord) => string | undefined,
    asideFolder: () => string,
    tell: (line: string) => void,
  ): Checkpoint | undefined {
    for (const step of this.steps) {
      const checkpoint = this.#read(step);
      if (typeof checkpoint === 'string') {
        tell(`the checkpoint of step ${step} is damaged and not used: ${checkpoint}`);
        this.#remove(step);
        continue;
      }
      const unfit = problemOf(checkpoint.record);
      if (unfit === undefined) return checkpoint;
      const aside = join(asideFolder(), 'checkpoints');
      tell(`the checkpoint of step ${step} is set aside in ${aside}: ${unfit}`);
      mkdirSync(aside, { recursive: true });
      renameSync(this.#pathOf(step), join(aside, basename(this.#pathOf(step))));
    }
    return undefined;
  }

  /** Or why it cannot be used. */
  #read(step: number): Checkpoint | string {
    try {
      return readCheckpoint(this.#pathOf(step));
    } catch (error) {
      // Too many open files, for one, are not the checkpoint's fault: it stays.
      if (isSystemError(error) && error.code !== 'ENOENT') throw systemError(error);
      return messageOf(error);
    }
  }

  #remove(step: number): void {
    // Renamed first: a folder with half of its files would look damaged.
    const aside = join(this.#folder, `.removing-${process.pid}-${step}`);
    renameSync(this.#pathOf(step), aside);
    rmSync(aside, { recursive: true, force: true });
  }

  #removeLeftovers(): void {
    for (const name of namesIn(this.#folder).filter((found) => /^\.(writing|removing)-/.test(found))) {
      rmSync(join(this.#folder, name), { recursive: true, force: true });
    }
  }

  #pathOf(step: number): string {
    return join(this.#folder, `step-${String(step).padStart(6, '0')}`);
  }
}
