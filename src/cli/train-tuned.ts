import { writeTasks } from '../experiment/folder.js';
import type { PlannedRun } from '../experiment/plan.js';
import type { DataOf } from '../experiment/prepare-runs.js';
import type { TakeOver } from '../experiment/take-over.js';
import type { RunOutcomes } from '../experiment/train-runs.js';
import { trainTuned } from '../experiment/train-tuned.js';
import { listedTunings, tasksOf, type Round, type TunedSweep } from '../experiment/tuned-sweep.js';
import { groupBy } from '../group-by.js';
import { countText } from '../format.js';
import { note } from './terminal/output.js';
import { trainOnScreen, writeDown, type NamedOutcomes, type ProgressOutput } from './train-folder.js';

/** What is to be trained in the folder of a tuned sweep. */
export interface TunedTraining {
  readonly sweep: TunedSweep;
  readonly dataOf: DataOf;
  /** Runs that are trained at once. */
  readonly jobs: number;
  /** Whether what has ended is trained anew. */
  readonly rerun: boolean;
  /** Called when the folder has got its tasks, which it has not while they turn out to be others than those in it. */
  readonly begun: () => void;
  /** Called with tasks that are to be trained next, which may be there already somewhere else. */
  readonly takeOver?: TakeOver | undefined;
}

/**
 * Trains a tuned sweep round by round under the eyes of the terminal, and writes what follows from all of it. The caller
 * holds the folder.
 */
export async function trainTunedFolder(
  folder: string,
  { sweep, dataOf, jobs, rerun, begun, takeOver }: TunedTraining,
  signal: AbortSignal,
  output: ProgressOutput,
): Promise<NamedOutcomes> {
  const { name, baseline } = sweep;
  let rounds = 0;
  const { round, outcomes } = await trainTuned(sweep, {
    folder,
    dataOf,
    rerun,
    takeOver,
    planned(round, pending) {
      writeTasks({ name, baseline, tasks: round.compared, tunings: listedTunings(round) }, folder);
      if (rounds === 0) begun();
      rounds++;
      // Behind the last round comes what it came to.
      const isSaid = output.quiet || (pending.length === 0 && rounds > 1);
      if (!isSaid) note(`${rounds > 1 ? '\n' : ''}${roundText(name, rounds, round, pending)}`);
    },
    train: (runs) => trainOnScreen(runs, { folder, dataOf, jobs, signal }, output),
  });
  const known = reported(round, outcomes);
  writeDown(folder, known);
  return known;
}

/** `tuned, round 2 (6 of 8 tasks have ended): trying 1 setting of soap; training 1 to compare` */
function roundText(name: string, round: number, planned: Round, pending: readonly PlannedRun[]): string {
  const all = tasksOf(planned);
  const isPending = ({ id }: Pick<PlannedRun, 'id'>) => pending.some((run) => run.id === id);
  const labels = planned.tunings.flatMap(({ tuning, trials }) =>
    trials.filter(({ task }) => isPending(task)).map(() => tuning.label),
  );
  // A label is tuned several times where it has several values of another option.
  const tried = [...groupBy(labels, (label) => label)].map(
    ([label, { length }]) => `${length} ${length === 1 ? 'setting' : 'settings'} of ${label}`,
  );
  const trials = new Set(planned.tunings.flatMap(({ trials: ofOne }) => ofOne.map(({ task }) => task.id)));
  const compared = pending.filter(({ id }) => !trials.has(id)).length;
  const next = [
    ...(tried.length === 0 ? [] : [`trying ${tried.join(', ')}`]),
    ...(compared === 0 ? [] : [`training ${compared} to compare`]),
    ...(pending.length === 0 ? ['nothing left to train'] : []),
  ];
  const ended = all.length - pending.length;
  const before = ended === 0 ? '' : ` (${countText(ended)} of ${countText(all.length)} tasks have ended)`;
  return `${name}, round ${round}${before}: ${next.join('; ')}`;
}

/**
 * Outcomes by the names of their tasks. That some settings diverge belongs to a tuning; it is told of those that are
 * compared, and where there is nothing to choose from.
 */
function reported({ compared, tunings }: Round, outcomes: RunOutcomes): NamedOutcomes {
  const trials = tunings.flatMap(({ decision, trials: tried }) => {
    const tasks = tried.map(({ task }) => task);
    return decision.winners?.size === 0 ? tasks : tasks.filter(({ id }) => outcomes.get(id)?.kind === 'error');
  });
  return new Map([...compared, ...trials].map(({ id, label }) => [label, outcomes.get(id)]));
}
