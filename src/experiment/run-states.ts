import { join } from 'node:path';
import { RunDirectory } from '../results/directory.js';
import { folderHolder, type Holder } from '../files/lock.js';
import { hasEnded, type RunStatus } from '../results/status.js';
import type { PlannedRun } from './planned-run.js';
import type { QueuedTask } from './slurm/tasks-in-queue.js';

/** Where a run stands. docs/clusters.md says what each of these means. */
export const runStates = ['done', 'running', 'pending', 'stopped', 'failed', 'not_started'] as const;
export type RunState = (typeof runStates)[number];

export interface RunProgress {
  readonly run: PlannedRun;
  readonly state: RunState;
  /** Steps that are written down. */
  readonly step: number;
  /** The array element that trains it: `12_3`. */
  readonly element: string | undefined;
  /** What else there is to say: how it ended, why it waits. */
  readonly note: string;
}

/**
 * Where the runs of an experiment's or a sweep's folder stand, from their files and from what holds them. A run that Slurm
 * has in its queue is what Slurm says, unless it has ended.
 */
export function runProgress(
  runs: readonly PlannedRun[],
  folder: string,
  queue: ReadonlyMap<string, QueuedTask>,
): RunProgress[] {
  const isBeingTrained = folderHolder(folder) !== undefined;
  return runs.map((run) => {
    const directory = new RunDirectory(join(folder, 'runs', run.id));
    const status = directory.readStatus();
    const queued = queue.get(run.id);
    const holder = folderHolder(directory.path);
    const facts = { status, queued, holder, isBeingTrained };
    return { run, step: status?.step ?? 0, element: queued?.element, ...stateOf(facts) };
  });
}

interface RunFacts {
  readonly status: RunStatus | undefined;
  readonly queued: QueuedTask | undefined;
  /** The process that writes into the run's folder. */
  readonly holder: Holder | undefined;
  /** Whether a process trains one run of the folder after the other. */
  readonly isBeingTrained: boolean;
}

export function stateOf({ status, queued, holder, isBeingTrained }: RunFacts): { state: RunState; note: string } {
  if (status !== undefined && hasEnded(status)) return { state: 'done', note: endingOf(status) };
  if (queued?.running === true) return { state: 'running', note: '' };
  if (queued !== undefined) return { state: 'pending', note: queued.reason };
  // What Slurm does not have in its queue, it does not train, wherever that was.
  if (holder?.element === null) return { state: 'running', note: '' };
  if (status?.state === 'failed') return { state: 'failed', note: status.message ?? '' };
  if (isBeingTrained) return { state: 'pending', note: '' };
  return status === undefined ? { state: 'not_started', note: '' } : { state: 'stopped', note: '' };
}

function endingOf({ state, message }: RunStatus): string {
  return state === 'finished' ? '' : `${state.replaceAll('_', ' ')}${message === undefined ? '' : `: ${message}`}`;
}
