import { join } from 'node:path';
import { finalLoss } from '../results/final-loss.js';
import { readRunOverview } from '../results/read-run.js';
import type { ChildOutcome } from './child-run.js';
import type { PlannedRun } from './planned-run.js';
import type { DataOf } from './prepare-runs.js';
import { planner, tasksOf, type ExperimentPlan, type LossOf, type Round } from './rounds.js';
import type { TakeOver } from './take-over.js';
import { discardRuns, examineRuns, type RunOutcomes } from './train-runs.js';

/** Who does what has to be done in a round. */
export interface RoundWork {
  readonly folder: string;
  readonly dataOf: DataOf;
  /** Whether tasks that have ended are trained anew. */
  readonly rerun: boolean;
  /** Called with the tasks of a round that are not known to have ended, before they are looked up in the folder. */
  readonly takeOver?: TakeOver | undefined;
  /** Called whenever more is known of what the experiment consists of, before that is trained. */
  planned(round: Round, pending: readonly PlannedRun[]): void;
  train(runs: readonly PlannedRun[]): Promise<RunOutcomes>;
}

/**
 * Trains an experiment round by round: with tunings, what comes next depends on what the last runs came to; without, there is
 * one round. A task that has ended is not trained again; one that failed before is, and counts as infinite only when it fails
 * again.
 * @returns The last round, and what its tasks came to by their ids; those that were not begun have no outcome.
 * @throws {SoapBenchError} `config_changed`, `data_changed` when a run was begun with something else.
 */
export async function trainRounds(
  plan: ExperimentPlan,
  work: RoundWork,
): Promise<{ round: Round; outcomes: RunOutcomes }> {
  const roundOf = planner(plan);
  const outcomes = new Map<string, ChildOutcome>();
  const losses = new Map<string, number>();
  for (;;) {
    const { round, pending } = examined(roundOf, losses, outcomes, work);
    work.planned(round, pending);
    if (pending.length === 0) return { round, outcomes };
    const trained = await work.train(pending);
    for (const [id, outcome] of trained) outcomes.set(id, outcome);
    // Nothing depends on what these came to.
    if (plan.tunings.length === 0) return { round, outcomes };
    for (const { id } of pending) {
      const loss = isTrained(trained.get(id)) ? lossIn(work.folder)(id) : undefined;
      // Stopped, not started, or in the hands of another process: nothing can be chosen without it.
      if (loss === undefined) return { round, outcomes };
      losses.set(id, loss);
    }
  }
}

/** What is known of the tasks in a folder that have ended; a failed one is not known, as it is to be trained again. */
export function knownLosses(folder: string): LossOf {
  return (id) => {
    const run = readRunOverview(join(folder, 'runs', id));
    return run.status?.state === 'failed' ? undefined : finalLoss(run);
  };
}

/** The plan after everything has been taken into account that was trained by an earlier process. */
function examined(
  roundOf: (lossOf: LossOf) => Round,
  losses: Map<string, number>,
  outcomes: Map<string, ChildOutcome>,
  { folder, dataOf, rerun, takeOver }: RoundWork,
): { round: Round; pending: PlannedRun[] } {
  for (;;) {
    const round = roundOf((id) => losses.get(id));
    const open = tasksOf(round).filter(({ id }) => !losses.has(id));
    // Each task is open once: with its loss it is known.
    if (rerun) discardRuns(open, folder);
    takeOver?.(open);
    const { ended, pending } = examineRuns(open, { folder, dataOf });
    if (ended.size === 0) return { round, pending };
    for (const [id, outcome] of ended) {
      outcomes.set(id, outcome);
      losses.set(id, lossIn(folder)(id) ?? Infinity);
    }
  }
}

/** Whether a process has been at it, which says something of the setting. */
function isTrained(outcome: ChildOutcome | undefined): boolean {
  return outcome !== undefined && !(outcome.kind === 'error' && outcome.code === 'run_not_started');
}

function lossIn(folder: string): LossOf {
  return (id) => finalLoss(readRunOverview(join(folder, 'runs', id)));
}
