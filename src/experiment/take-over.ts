import { copyFileSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SoapBenchError } from '../errors.js';
import { RunDirectory } from '../results/directory.js';
import { folderHolder, lockFile } from '../files/lock.js';
import { hasEnded } from '../results/status.js';
import type { PlannedRun } from './planned-run.js';
import type { DataOf } from './prepare-runs.js';

/** Is told of runs that are about to be trained, and may bring them from somewhere else. */
export type TakeOver = (runs: readonly PlannedRun[]) => void;

/** A training, and the sweep's folder that it was taken over from. */
export interface TakenOver {
  readonly run: PlannedRun;
  readonly from: string;
}

/**
 * Brings trainings that have ended in other sweeps' folders into this one, where it has not begun them: a task's id says what
 * it computes, so that the same id is the same training. Files are linked where the file system can, else copied; a run that
 * has ended is never written to.
 */
export function takeOver(
  runs: readonly PlannedRun[],
  { folder, others, dataOf }: { folder: string; others: readonly string[]; dataOf: DataOf },
): TakenOver[] {
  return runs.flatMap((run) => {
    if (new RunDirectory(join(folder, 'runs', run.id)).exists) return [];
    const from = others.find((other) => hasTraining(other, run, dataOf));
    if (from === undefined) return [];
    bring(join(from, 'runs', run.id), join(folder, 'runs'), run.id);
    return [{ run, from }];
  });
}

/** Whether a sweep's folder has a training that has come to its end, on the same text. */
export function hasTraining(folder: string, run: PlannedRun, dataOf: DataOf): boolean {
  const directory = new RunDirectory(join(folder, 'runs', run.id));
  const status = directory.exists ? directory.readStatus() : undefined;
  if (status === undefined || !hasEnded(status) || folderHolder(directory.path) !== undefined) return false;
  try {
    directory.assertSame(run.config, dataOf(run).manifest);
    directory.assertAsWritten();
    return true;
  } catch (error) {
    if (error instanceof SoapBenchError) return false;
    throw error;
  }
}

function bring(from: string, runs: string, id: string): void {
  const staging = join(runs, `.taking-over-${process.pid}-${id}`);
  rmSync(staging, { recursive: true, force: true });
  linkFolder(from, staging);
  // Renamed at the end: half of a folder could look like a training that has ended.
  renameSync(staging, join(runs, id));
}

function linkFolder(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.name.startsWith(lockFile)) continue;
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkFolder(source, target);
    else linkOrCopy(source, target);
  }
}

function linkOrCopy(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch {
    // Another file system, or one without links.
    copyFileSync(source, target);
  }
}
