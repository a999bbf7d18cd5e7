import type { MeasuredCost } from '../../../experiment/estimate.js';
import { firstTasks, planSweep } from '../../../experiment/sweep-plan.js';
import { countText, timeText } from '../../../format.js';
import { runLine } from '../../../reproduce/figure-request.js';
import { sweepListJson, sweepListText } from '../../dry-run-sweep.js';
import { listSweep, type SweepList } from '../../list-sweep.js';
import { print, printJson } from '../../terminal/output.js';
import { otherSweeps, type OpenExperiment, type OpenFigure } from './reproduce-figure.js';

/** What would be done for a figure. */
export interface FigureList {
  readonly figure: OpenFigure;
  readonly experiments: readonly ExperimentList[];
}

interface ExperimentList {
  readonly experiment: OpenExperiment;
  /** The command that does the same. */
  readonly command: string;
  /** Settings that would be timed, or tasks that would be trained. */
  readonly settings: number;
  readonly list: SweepList | undefined;
}

/** The trainings of figures and how long they take, from steps measured now. */
export async function listFigures(
  figures: readonly OpenFigure[],
  { root, jobs, quiet }: { root: string; jobs: number; quiet: boolean },
): Promise<FigureList[]> {
  // What costs the same in several figures is measured once.
  const costs = new Map<string, MeasuredCost>();
  const lists: FigureList[] = [];
  for (const figure of figures) {
    const experiments: ExperimentList[] = [];
    for (const experiment of figure.experiments) {
      const { sweep, folder } = experiment;
      const others = otherSweeps(root, folder);
      const isTimed = figure.request.figure.kind === 'timed';
      const list = isTimed ? undefined : await listSweep(sweep, { folder, jobs, rerun: false, others, costs, quiet });
      const settings = firstTasks(planSweep(sweep)).length;
      experiments.push({ experiment, command: runLine(figure.request, experiment), settings, list });
    }
    lists.push({ figure, experiments });
  }
  return lists;
}

/** `reproduce --dry-run`. */
export function printFigureLists(lists: readonly FigureList[], { json }: { readonly json: boolean }): void {
  if (json) {
    printJson({ figures: lists.map(figureListJson) });
    return;
  }
  const texts = lists.flatMap(({ experiments }) =>
    experiments.map(({ command, settings, list }) => {
      return [command, '', list === undefined ? timedText(settings) : sweepListText(list)].join('\n');
    }),
  );
  print([...texts, ...(texts.length > 1 ? [totalText(lists)] : [])].join('\n\n'));
}

function figureListJson({ figure: { request, folder }, experiments }: FigureList): object {
  const { figure, profile, protocol, scale } = request;
  return {
    figure: figure.id,
    folder,
    profile,
    protocol,
    scale,
    experiments: experiments.map(({ experiment, command, settings, list }) => ({
      experiment: experiment.name,
      command,
      ...(list === undefined ? { folder: experiment.folder, settings } : sweepListJson(list)),
    })),
  };
}

/** `2 figures: 40 to 58 trainings, about 2 h 5 min to 2 h 40 min` */
export function totalText(lists: readonly FigureList[]): string {
  const known = lists.flatMap(({ experiments }) => experiments.flatMap(({ list }) => list ?? []));
  const totals = known.map(({ tasks, estimated_s, least, most }) => {
    const all = { tasks: tasks.length, estimated_s };
    return { least: least ?? all, most: most ?? all };
  });
  const sum = (side: 'least' | 'most') => ({
    tasks: totals.reduce((count, total) => count + total[side].tasks, 0),
    // NaN where one is not known.
    seconds: totals.reduce((seconds, total) => seconds + (total[side].estimated_s ?? NaN), 0),
  });
  const [least, most] = [sum('least'), sum('most')];
  const time = Number.isNaN(most.seconds)
    ? 'time unknown'
    : `about ${rangeText(least.seconds, most.seconds, timeText)}`;
  const figures = `${lists.length} ${lists.length === 1 ? 'figure' : 'figures'}`;
  return `${figures}: ${rangeText(least.tasks, most.tasks, countText)} trainings, ${time} of training.`;
}

function rangeText(least: number, most: number, text: (value: number) => string): string {
  return text(least) === text(most) ? text(least) : `${text(least)} to ${text(most)}`;
}

function timedText(settings: number): string {
  return `${countText(settings)} settings, timed step by step; nothing is trained.`;
}
