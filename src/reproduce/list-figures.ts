import type { MeasuredCost } from '../experiment/estimate.js';
import { listSweep, type SweepList } from '../experiment/list-sweep.js';
import type { TrainingObserver } from '../experiment/observer.js';
import { planExperiment } from '../experiment/plan.js';
import { firstTasks } from '../experiment/rounds.js';
import { runLine } from './figure-request.js';
import type { OpenExperiment, OpenFigure } from './open-figure.js';

/** What would be done for a figure. */
export interface FigureList {
  readonly figure: OpenFigure;
  readonly experiments: readonly ExperimentList[];
}

export interface ExperimentList {
  readonly experiment: OpenExperiment;
  /** The command that does the same. */
  readonly command: string;
  /** Settings that would be timed, or tasks that would be trained. */
  readonly settings: number;
  /** Undefined where nothing is trained. */
  readonly list: SweepList | undefined;
}

/** The runs of figures and how long they take, from steps measured now. */
export async function listFigures(
  figures: readonly OpenFigure[],
  { jobs = 1, observer = {} }: { readonly jobs?: number; readonly observer?: TrainingObserver } = {},
): Promise<FigureList[]> {
  // What costs the same in several figures is measured once.
  const costs = new Map<string, MeasuredCost>();
  const lists: FigureList[] = [];
  for (const figure of figures) {
    const experiments: ExperimentList[] = [];
    for (const experiment of figure.experiments) {
      const { sweep, folder } = experiment;
      const isTimed = figure.request.figure.kind === 'timed';
      const list = isTimed
        ? undefined
        : await listSweep(sweep, { folder, jobs, others: experiment.others(), costs, observer });
      const settings = firstTasks(planExperiment(sweep)).length;
      experiments.push({ experiment, command: runLine(figure.request, experiment), settings, list });
    }
    lists.push({ figure, experiments });
  }
  return lists;
}
