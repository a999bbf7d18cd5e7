import { countText, plural, timeText } from '../../../format.js';
import type { FigureList } from '../../../reproduce/list-figures.js';
import { sweepListJson, sweepListText } from '../../dry-run-sweep.js';
import { print, printJson } from '../../terminal/output.js';

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
  const figures = plural(lists.length, 'figure');
  return `${figures}: ${rangeText(least.tasks, most.tasks, countText)} runs, ${time} of training.`;
}

function rangeText(least: number, most: number, text: (value: number) => string): string {
  return text(least) === text(most) ? text(least) : `${text(least)} to ${text(most)}`;
}

function timedText(settings: number): string {
  return `${plural(settings, 'setting')}, timed step by step; nothing is trained.`;
}
