import { renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { PrepareProgress } from '../data/prepare.js';
import { RunDirectory } from '../run/directory.js';
import { lockFolder } from '../run/lock.js';
import type { RunMessage } from '../run/messages.js';
import { hasEnded } from '../run/status.js';
import { runInChild, type ChildOutcome } from './child-run.js';
import type { PlannedRun } from './plan.js';
import { prepareRuns, type DataOf } from './prepare-runs.js';
import type { Task } from './tasks.js';

/** Who is told what happens. */
export interface RunObserver {
  /** Called when a run's process has been started. */
  runStarted(run: PlannedRun): void;
  message(run: PlannedRun, message: RunMessage): void;
  runEnded(run: PlannedRun, outcome: ChildOutcome): void;
}

/** What runs came to, by their ids. */
export type RunOutcomes = ReadonlyMap<string, ChildOutcome>;

/** Where runs are trained, on what, and who follows it. */
export interface Training {
  /** Of an experiment or a sweep: the runs are in its `runs`. */
  readonly folder: string;
  readonly dataOf: DataOf;
  readonly observer: RunObserver;
  /** Asks the processes to finish their step and end. */
  readonly signal: AbortSignal;
}

/**
 * How far the runs of a folder are: what those came to that are not to be trained again, and those that are still to be
 * trained, each once, as two labels can come to the same.
 * @throws {SoapBenchError} `config_changed`, `data_changed` when a run was begun with something else.
 */
export function examineRuns<R extends PlannedRun>(
  runs: readonly R[],
  { folder, dataOf }: Pick<Training, 'folder' | 'dataOf'>,
): { ended: RunOutcomes; pending: R[] } {
  const ended = new Map<string, ChildOutcome>();
  const pending = new Map<string, R>();
  for (const run of runs) {
    const directory = directoryOf(run, folder);
    directory.assertSame(run.config, dataOf(run).manifest);
    const status = directory.readStatus();
    if (status === undefined || !hasEnded(status)) pending.set(run.id, pending.get(run.id) ?? run);
    else ended.set(run.id, { kind: 'outcome', state: status.state, message: status.message });
  }
  return { ended, pending: [...pending.values()] };
}

/**
 * Trains runs one after the other, so that none disturbs another's timing, each from its newest checkpoint on. The caller
 * holds the folder. Those that come after an abort are not begun and have no outcome.
 */
export async function trainRuns(runs: readonly PlannedRun[], training: Training): Promise<RunOutcomes> {
  const outcomes = new Map<string, ChildOutcome>();
  for (const run of runs) {
    if (training.signal.aborted) break;
    outcomes.set(run.id, await trainRun(run, training));
  }
  return outcomes;
}

/**
 * Trains one task of a sweep's folder, unless it has ended. Processes on several machines can do this side by side: each
 * run is held by the process that trains it, and the folder by none.
 * @throws {SoapBenchError} `config_changed`, `data_changed` when it was begun with something else.
 */
export async function trainTask(
  task: Task,
  training: Omit<Training, 'dataOf'>,
  onProgress: PrepareProgress,
): Promise<ChildOutcome> {
  const dataOf = await prepareRuns([task], onProgress);
  const { ended } = examineRuns([task], { ...training, dataOf });
  return ended.get(task.id) ?? trainRun(task, { ...training, dataOf });
}

/**
 * Removes what there is of runs, so that they begin anew.
 * @throws {SoapBenchError} `run_in_use` when one is being trained.
 */
export function discardRuns(runs: readonly PlannedRun[], folder: string): void {
  for (const run of runs) {
    const { path, exists } = directoryOf(run, folder);
    if (!exists) continue;
    lockFolder(path);
    // Renamed first: half of a folder could look like a training that has ended.
    const aside = join(dirname(path), `.removing-${process.pid}-${run.id}`);
    renameSync(path, aside);
    rmSync(aside, { recursive: true });
  }
}

async function trainRun(run: PlannedRun, { folder, dataOf, observer, signal }: Training): Promise<ChildOutcome> {
  const data = dataOf(run);
  const directory = directoryOf(run, folder);
  directory.create(run.config, data.manifest);
  observer.runStarted(run);
  const tell = (message: RunMessage) => {
    observer.message(run, message);
  };
  const outcome = await runInChild(directory, data.folder, tell, signal);
  observer.runEnded(run, outcome);
  return outcome;
}

function directoryOf({ id }: PlannedRun, folder: string): RunDirectory {
  return new RunDirectory(join(folder, 'runs', id));
}
