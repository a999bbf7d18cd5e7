import type { LoadedSweep } from '../config/load.js';
import { writeSource, writeSweepFolder } from '../experiment/folder.js';
import { prepareRuns, type DataOf } from '../experiment/prepare-runs.js';
import { firstTasks, planSweep, type SweepPlan } from '../experiment/sweep-plan.js';
import { takeOver, type TakeOver } from '../experiment/take-over.js';
import { discardRuns, examineRuns } from '../experiment/train-runs.js';
import { countText } from '../format.js';
import { groupBy } from '../group-by.js';
import { holdFolder } from '../files/lock.js';
import { sweepHeader } from './dry-run-sweep.js';
import { firstTime } from './terminal/first-time.js';
import { note } from './terminal/output.js';
import { trainFolder, type NamedOutcomes, type ProgressOutput } from './train-folder.js';
import { trainTunedFolder } from './train-tuned.js';

/** Where a sweep is trained, and how. */
export interface SweepTraining {
  readonly folder: string;
  /** Runs that are trained at once. */
  readonly jobs: number;
  /** Whether what has ended is trained anew. */
  readonly rerun: boolean;
  /** Folders of other sweeps: trainings that have ended there are taken over. */
  readonly others: readonly string[];
  readonly signal: AbortSignal;
}

/** Trains what has not ended of a sweep, and writes what follows from all of it. */
export function trainSweep(
  sweep: LoadedSweep,
  training: SweepTraining,
  output: ProgressOutput,
): Promise<NamedOutcomes> {
  const plan = planSweep(sweep);
  const { folder } = training;
  const begun = () => {
    if (plan.kind === 'sweep') writeSweepFolder(sweep, plan.runs, folder);
    else writeSource(sweep.source, folder);
  };
  return trainPlan(plan, { ...training, begun }, output);
}

/**
 * Trains what has not ended of a sweep's plan.
 * @param training.begun Called when it is certain that the folder's runs, if there are any, are those of the plan.
 */
export async function trainPlan(
  plan: SweepPlan,
  { folder, jobs, rerun, others, signal, begun }: SweepTraining & { readonly begun: () => void },
  output: ProgressOutput,
): Promise<NamedOutcomes> {
  const dataOf = await prepareRuns(firstTasks(plan), folder, firstTime(output));
  const bring = takingOver({ folder, others, dataOf }, output);
  return holdFolder(folder, () => {
    if (plan.kind === 'tuned') {
      const training = { sweep: plan.sweep, dataOf, jobs, rerun, begun, takeOver: bring };
      return trainTunedFolder(folder, training, signal, output);
    }
    const { name, runs } = plan;
    if (rerun) discardRuns(runs, folder);
    bring(runs);
    examineRuns(runs, { folder, dataOf });
    begun();
    const header = (finished: number) => sweepHeader(name, runs.length, finished);
    return trainFolder(folder, { runs, dataOf, jobs, header }, signal, output);
  });
}

/** Takes over what other folders have, and says from where. */
function takingOver(
  places: { folder: string; others: readonly string[]; dataOf: DataOf },
  { quiet }: ProgressOutput,
): TakeOver {
  return (runs) => {
    const taken = takeOver(runs, places);
    if (quiet) return;
    for (const [from, same] of groupBy(taken, (one) => one.from)) {
      note(`taken over from ${from}: ${countText(same.length)} ${same.length === 1 ? 'training' : 'trainings'}`);
    }
  };
}
