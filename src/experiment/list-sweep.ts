import type { LoadedSweep } from '../config/load.js';
import {
  costKey,
  isMeasurable,
  makespan,
  measureCost,
  modelOperations,
  trainingSeconds,
  type MeasuredCost,
} from './estimate.js';
import { assertPlaceForGraphs, prepareTokens, type DataOf } from './prepare-runs.js';
import type { TrainingObserver } from './observer.js';
import { planExperiment } from './plan.js';
import { hasTraining } from './take-over.js';
import type { Task } from './tasks.js';
import { examineRuns } from './train-runs.js';
import { knownLosses } from './train-rounds.js';
import { firstTasks, planner, tasksOf, type ExperimentPlan, type LossOf } from './rounds.js';
import { tuningBounds } from './tuning-bounds.js';
import { groupBy } from '../group-by.js';

/** The tasks of a sweep and the time that they take: what `run --dry-run` says. */
export interface SweepList {
  readonly name: string;
  readonly folder: string;
  /** Those that are known by now. */
  readonly tasks: readonly ListedTime[];
  /** Tasks to train that are known by now, and seconds until they have ended; null where that is not known. */
  readonly pending: number;
  readonly estimated_s: number | null;
  /** Of a tuned sweep, whose tasks depend on what others come to: the fewest and the most there will be. */
  readonly least?: Total;
  readonly most?: Total;
  /** Tasks that are trained at once. */
  readonly jobs: number;
  /** Whether steps were measured, or there was nothing to measure. */
  readonly isMeasured: boolean;
}

export interface ListedTime {
  readonly task: Task;
  readonly finished: boolean;
  /** Seconds to train it, 0 when it is finished, null when that is not known. */
  readonly estimated_s: number | null;
}

export interface Total {
  readonly tasks: number;
  readonly estimated_s: number | null;
}

export interface ListOptions {
  readonly folder: string;
  /** Tasks that are trained at once; 1 when left out. */
  readonly jobs?: number;
  /** Whether finished tasks are trained again. */
  readonly rerun?: boolean;
  /** Folders of other sweeps, of which trainings that have ended count as finished here. */
  readonly others?: readonly string[];
  /** What has been measured before, by what costs the same; gets what is measured now. */
  readonly costs?: Map<string, MeasuredCost>;
  readonly observer?: TrainingObserver;
}

/** Where tasks may have ended already. */
type Places = Required<Pick<ListOptions, 'folder' | 'others' | 'rerun'>>;

/** The tasks of a sweep and how long they take, from steps measured now. Writes no results. */
export async function listSweep(
  sweep: LoadedSweep,
  { folder, jobs: asked = 1, rerun = false, others = [], costs = new Map(), observer = {} }: ListOptions,
): Promise<SweepList> {
  const places = { folder, others, rerun };
  const plan = planExperiment(sweep);
  const first = firstTasks(plan);
  assertPlaceForGraphs(first, folder);
  const dataOf = await prepareTokens(first, folder, observer);
  const { tasks, bounds } = knownTasks(plan, places);
  const all = new Map([...tasks, ...(bounds?.least ?? []), ...(bounds?.most ?? [])].map((task) => [task.id, task]));
  const pending = new Set(pendingTasks([...all.values()], dataOf, places).map(({ id }) => id));
  const jobs = bounds === undefined ? Math.min(asked, tasks.length) : asked;
  const toMeasure = [...all.values()].filter(({ id }) => pending.has(id));
  await measureCosts(toMeasure, { dataOf, jobs, costs, observer });
  const secondsOf = (task: Task) => {
    if (!pending.has(task.id)) return 0;
    const cost = costs.get(costKey(task.config));
    return cost === undefined ? null : trainingSeconds(task.config, cost);
  };
  const totalOf = (some: readonly Task[]): Total => {
    const seconds = some.map(secondsOf).filter((one) => one !== null);
    return { tasks: some.length, estimated_s: seconds.length < some.length ? null : makespan(seconds, jobs) };
  };
  return {
    name: sweep.config.name,
    folder,
    jobs,
    isMeasured: pending.size > 0,
    tasks: tasks.map((task) => ({ task, finished: !pending.has(task.id), estimated_s: secondsOf(task) })),
    pending: tasks.filter(({ id }) => pending.has(id)).length,
    estimated_s: totalOf(tasks).estimated_s,
    ...(bounds && { least: totalOf(bounds.least), most: totalOf(bounds.most) }),
  };
}

/** The tasks that follow from the losses that are known, and what may come of the others. */
function knownTasks(plan: ExperimentPlan, { folder, others, rerun }: Places) {
  if (plan.tunings.length === 0) return { tasks: plan.fixed, bounds: undefined };
  // The planner asks for the same losses again and again.
  const known = new Map<string, number | undefined>();
  const lossOf: LossOf = (id) => {
    if (!known.has(id)) known.set(id, lossIn([folder, ...others], id));
    return rerun ? undefined : known.get(id);
  };
  return { tasks: tasksOf(planner(plan)(lossOf)), bounds: tuningBounds(plan, lossOf) };
}

function lossIn(folders: readonly string[], id: string): number | undefined {
  for (const folder of folders) {
    const loss = knownLosses(folder)(id);
    if (loss !== undefined) return loss;
  }
  return undefined;
}

function pendingTasks(tasks: readonly Task[], dataOf: DataOf, { folder, others, rerun }: Places): readonly Task[] {
  if (rerun) return tasks;
  const { pending } = examineRuns(tasks, { folder, dataOf });
  return pending.filter((task) => !others.some((other) => hasTraining(other, task, dataOf)));
}

/** Measures one task of those that cost the same; those that cannot be measured are missing. */
async function measureCosts(
  tasks: readonly Task[],
  { dataOf, jobs, costs, observer }: Required<Pick<ListOptions, 'jobs' | 'costs' | 'observer'>> & { dataOf: DataOf },
): Promise<void> {
  const stop = new AbortController();
  for (const [key, same] of groupBy(tasks, ({ config }) => costKey(config))) {
    if (costs.has(key)) continue;
    // The first of them, as the list is read.
    const task = same[0]!;
    const { vocabSize } = dataOf(task);
    if (!isMeasurable(task.config, vocabSize)) {
      const operations = modelOperations(task.config, vocabSize).toPrecision(2);
      observer.warn?.(
        `a step of ${task.label} takes ${operations} operations, too many to be measured here: its time is unknown`,
      );
      continue;
    }
    observer.note?.(`measuring a few steps of ${task.label} ...`);
    const cost = await measureCost(task.config, dataOf(task), stop.signal, jobs);
    if (cost === undefined) observer.warn?.(`${task.label} did not train, its time is unknown`);
    else costs.set(key, cost);
  }
}
