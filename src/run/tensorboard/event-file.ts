import { closeSync, fsyncSync, openSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Run } from '../../results/read-run.js';
import { syncFolder } from '../../files/atomic-file.js';
import { discard } from '../../files/discard.js';
import { writeError } from '../../system-error.js';
import type { EvaluationRow, StepRow } from '../../train/rows.js';
import { readStamp, restartEvent, scalarsEvent, versionEvent } from './events.js';
import { frameRecord, readRecords } from './records.js';

const prefix = 'events.out.tfevents.';

/** The rows of a run that there are, and when it began. */
export interface Before extends Pick<Run<StepRow>, 'metrics' | 'evaluations'> {
  /** ISO 8601. */
  readonly startedAt: string;
}

/**
 * A run's event file for TensorBoard: the numbers of every row of its CSV files, as scalars `train/<column>` and
 * `val/<column>`. The CSV files are what counts: a run that goes on gets a new file with their rows, and the old one
 * is emptied, so that no step is there twice.
 */
export class EventFile {
  readonly #path: string;
  readonly #file: number;

  private constructor(path: string) {
    this.#path = path;
    this.#file = openSync(path, 'a');
  }

  /**
   * Begins the event file of a run's folder.
   * @throws {SoapBenchError} `disk_full`.
   */
  static open(folder: string, before: Before, now = Date.now()): EventFile {
    const old = readdirSync(folder)
      .filter((name) => name.startsWith(prefix))
      .sort();
    const wallTimes = old.length === 0 ? new Map<string, number>() : wallTimesIn(join(folder, old.at(-1)!));
    // TensorBoard goes from one file to the next in the order of their names.
    const seconds = Math.max(Math.floor(now / 1000), ...old.map((name) => Number(name.split('.')[3]) + 1 || 0));
    // Other programs put the machine's name at the end, which is nobody's business.
    const path = join(folder, `${prefix}${seconds}.soap-bench`);
    const staging = join(folder, `.${prefix}${process.pid}.tmp`);
    try {
      writeFileSync(staging, Buffer.concat(beginning(before, wallTimes, now).map(frameRecord)));
      renameSync(staging, path);
      for (const name of old.slice(0, -1)) rmSync(join(folder, name));
      // A TensorBoard that is reading the newest would not go on to the next one if it were gone: it is only emptied.
      for (const name of old.slice(-1)) writeFileSync(join(folder, name), frameRecord(versionEvent(now / 1000)));
      syncFolder(folder);
    } catch (error) {
      discard(staging);
      throw writeError(path, error);
    }
    return new EventFile(path);
  }

  /** @throws {SoapBenchError} `disk_full`; the file may then end with a part of a record, which readers leave out. */
  append(row: StepRow | EvaluationRow): void {
    try {
      writeFileSync(this.#file, frameRecord(eventOf(row, Date.now() / 1000)));
    } catch (error) {
      throw writeError(this.#path, error);
    }
  }

  /** Waits until the disk has it. */
  sync(): void {
    fsyncSync(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }
}

function beginning({ metrics, evaluations, startedAt }: Before, wallTimes: Map<string, number>, now: number): Buffer[] {
  const started = Date.parse(startedAt) / 1000;
  // Rows without an event of their own, written while there were none, get about the time they had.
  const timeOf = (row: StepRow | EvaluationRow) =>
    wallTimes.get(`${row.split} ${row.step}`) ?? started + row.train_time_s + row.eval_time_s;
  const rows = [...metrics, ...evaluations].sort((a, b) => a.step - b.step);
  return [
    versionEvent(now / 1000),
    restartEvent({ wallTime: now / 1000, step: 0 }),
    ...rows.map((row) => eventOf(row, timeOf(row))),
  ];
}

/** Numbers that a run has not got are NaN in its CSV files and no scalars; a loss that is NaN is one. */
function eventOf(row: StepRow | EvaluationRow, wallTime: number): Buffer {
  const { split, step, ...columns } = row;
  const scalars = Object.entries(columns).flatMap(([name, value]: [string, unknown]) => {
    const isKnown = typeof value === 'number' && (name === 'loss' || !Number.isNaN(value));
    return isKnown ? [[`${split}/${name}`, value] as const] : [];
  });
  return scalarsEvent({ wallTime, step }, Object.fromEntries(scalars));
}

/** When the rows of an event file were written, by split and step. */
function wallTimesIn(path: string): Map<string, number> {
  const stamps = readRecords(readFileSync(path)).flatMap((record) => readStamp(record) ?? []);
  return new Map(stamps.map(({ tag, step, wallTime }) => [`${tag.split('/')[0]} ${step}`, wallTime]));
}
