import { join } from 'node:path';
import { SoapBenchError } from '../errors.js';
import { RunDirectory } from '../results/directory.js';
import { lockFolder } from '../files/lock.js';
import { isOfRun, removeOwnFiles } from '../results/own-files.js';
import type { RunMessage } from '../run/messages.js';
import { hasEnded } from '../results/status.js';
import { runInChild, type ChildOutcome } from './child-run.js';
import { systemError } from '../system-error.js';
import type { TrainingObserver } from './observer.js';
import type { PlannedRun } from './planned-run.js';
import { prepareRuns, type DataOf } from './prepare-runs.js';
import type { Task } from './tasks.js';

/** What runs came to, by their ids. */
export type RunOutcomes = ReadonlyMap<string, ChildOutcome>;

/** Where runs are trained, on what, and who follows it. */
export interface Training {
  /** Of an experiment or a sweep: the runs are in its `runs`. */
  readonly folder: string;
  readonly dataOf: DataOf;
  /** Runs that are trained at once, each with its part of the threads. */
  readonly jobs: number;
  readonly observer: TrainingObserver;
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
    else {
      directory.assertAsWritten();
      ended.set(run.id, { kind: 'outcome', state: status.state, message: status.message });
    }
  }
  return { ended, pending: [...pending.values()] };
}

/**
 * Trains runs, `jobs` at once: one, so that none disturbs another's timing, or several. Each goes on after its newest
 * checkpoint. The caller holds the folder. Runs that come after an abort, or after a process that could not start, are not
 * begun and have no outcome.
 * @throws What the observer throws, after the runs that had been started have ended.
 */
export async function trainRuns(runs: readonly PlannedRun[], training: Training): Promise<RunOutcomes> {
  const { observer, jobs } = training;
  const outcomes = new Map<string, ChildOutcome>();
  const queue = runs.values();
  const { signal, stop, release } = stoppable(training.signal);
  let isStuck = false;
  const trainInTurn = async () => {
    // All take from the same queue.
    for (const run of queue) {
      // What keeps one process from starting keeps all of them.
      if (signal.aborted || isStuck) return;
      const outcome = await trainRun(run, { ...training, signal });
      outcomes.set(run.id, outcome);
      isStuck ||= outcome.kind === 'error' && outcome.code === 'run_not_started';
    }
  };
  observer.runsStarted?.(runs);
  const stopOthers = (error: unknown) => {
    stop();
    throw error;
  };
  const endings = await Promise.allSettled(Array.from({ length: jobs }, () => trainInTurn().catch(stopOthers)));
  release();
  observer.runsEnded?.();
  for (const ending of endings) if (ending.status === 'rejected') throw ending.reason;
  return outcomes;
}

/** A signal that follows another one and can be aborted by itself. */
function stoppable(outer: AbortSignal): { signal: AbortSignal; stop: () => void; release: () => void } {
  const inner = new AbortController();
  const stop = () => {
    inner.abort(outer.reason);
  };
  if (outer.aborted) stop();
  outer.addEventListener('abort', stop);
  const release = () => {
    outer.removeEventListener('abort', stop);
  };
  return { signal: inner.signal, stop, release };
}

/**
 * Trains one task of a sweep's folder, unless it has ended. Processes on several machines can do this side by side: each
 * run is held by the process that trains it, and the folder by none.
 * @throws {SoapBenchError} `config_changed`, `data_changed` when it was begun with something else.
 */
export async function trainTask(task: Task, training: Omit<Training, 'dataOf' | 'jobs'>): Promise<ChildOutcome> {
  const dataOf = await prepareRuns([task], training.folder, {});
  const { ended } = examineRuns([task], { ...training, dataOf });
  const before = ended.get(task.id);
  if (before !== undefined) return before;
  const trained = await trainRuns([task], { ...training, dataOf, jobs: 1 });
  return trained.get(task.id) ?? { kind: 'outcome', state: 'interrupted' };
}

/**
 * Removes what there is of runs, so that they begin anew. Files in their folders that soap-bench has not made stay.
 * @throws {SoapBenchError} `run_in_use` when one is being trained.
 */
export function discardRuns(runs: readonly PlannedRun[], folder: string): void {
  for (const run of runs) {
    const { path, exists } = directoryOf(run, folder);
    if (!exists) continue;
    lockFolder(path);
    removeOwnFiles(path, isOfRun);
  }
}

/** Trains a run; when its process crashes, once more. */
async function trainRun(run: PlannedRun, training: Training): Promise<ChildOutcome> {
  const { observer, signal } = training;
  let outcome = await attempt(run, training);
  if (isCrash(outcome) && !signal.aborted) {
    const [what] = outcome.message.split('\n');
    observer.message?.(run, { type: 'warning', line: `${what}; it is tried once more, after its newest checkpoint` });
    outcome = await attempt(run, training);
  }
  observer.runEnded?.(run, outcome);
  return outcome;
}

async function attempt(run: PlannedRun, { folder, dataOf, jobs, observer, signal }: Training): Promise<ChildOutcome> {
  const data = dataOf(run);
  const directory = directoryOf(run, folder);
  try {
    directory.create(run.config, data.manifest);
  } catch (error) {
    // A full disk: the other runs are told the same by their own, or find that there is room again.
    const refused = systemError(error);
    if (!(refused instanceof SoapBenchError)) throw error;
    return { kind: 'error', code: refused.code, message: refused.message, hint: refused.hint };
  }
  observer.runStarted?.(run);
  const tell = (message: RunMessage) => {
    observer.message?.(run, message);
  };
  return runInChild(directory, { dataset: data.folder, jobs }, tell, signal);
}

/** Whether a process died without a word. What it says of itself would happen again. */
function isCrash(outcome: ChildOutcome): outcome is ChildOutcome & { kind: 'error' } {
  return outcome.kind === 'error' && outcome.code === 'run_crashed';
}

function directoryOf({ id }: PlannedRun, folder: string): RunDirectory {
  return new RunDirectory(join(folder, 'runs', id));
}
