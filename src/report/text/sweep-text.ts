import { join } from 'node:path';
import { createColors } from '../../terminal.js';
import { hasEnded } from '../../results/status.js';
import { settingText } from '../../config/setting-text.js';
import type { Analysis } from '../../analysis/analysis.js';
import { efficiencyHeadline } from './efficiency-text.js';
import { textTable } from '../../table/text.js';
import { efficiencyTable } from '../tables/efficiency-table.js';
import { settingsTable } from '../tables/settings-table.js';
import { chosenTable } from '../tables/tuning-table.js';
import { computedWith } from './comparison.js';
import { plural, ratioText, wrapText } from '../../format.js';
import { metAtStart } from './headline.js';
import type { Summary } from '../../analysis/summary.js';
import { spreadText } from './statistics-text.js';

export interface SweepTextOptions {
  /** Characters a line may have. */
  readonly width: number;
  readonly color: boolean;
}

/** What a reader sees of a sweep: table, result, where the numbers are. */
export function sweepText({ study, summary, efficiency }: Analysis, options: SweepTextOptions): string {
  const { width, color } = options;
  const colors = createColors(color);
  const { bold } = colors;
  const drawn = { width, colors, elsewhere: 'summary.csv has them.' };
  const headline = efficiencyHeadline(efficiency);
  const runs = study.runs.map(({ run, optimizer, choices, seed }) => {
    return { ...run, label: `${settingText(optimizer, choices)} seed=${seed}` };
  });
  const files = [
    'summary.csv',
    'runs.csv',
    ...(efficiency.length > 0 ? ['efficiency.csv'] : []),
    ...(summary.tuning.length > 0 ? ['tuning.csv'] : []),
  ];
  const blocks = [
    `${summary.name}: ${summary.rows.length} settings.\n${computedWith(runs)}`,
    ...(summary.tuning.length === 0
      ? []
      : [['Chosen by the final validation loss:', '', ...textTable(chosenTable(summary.tuning), drawn)].join('\n')]),
    ...(summary.rows.length === 0 ? [] : [textTable(settingsTable(summary), drawn).join('\n')]),
    bold(wrapText(sweepHeadline(summary), width)),
    ...(efficiency.length === 0
      ? []
      : [textTable(efficiencyTable(efficiency), { ...drawn, elsewhere: 'efficiency.csv has them.' }).join('\n')]),
    ...(headline === undefined ? [] : [bold(wrapText(headline, width))]),
    files.map((file) => join(study.folder, file)).join('\n'),
  ];
  return blocks.join('\n\n');
}

/** The setting that reached the target in the fewest iterations, in a sentence. */
export function sweepHeadline(summary: Summary): string {
  const { rows } = summary;
  const pending = rows.flatMap(({ tasks }) => tasks).filter(({ row }) => !hasEnded(row)).length;
  const open = summary.tuning.filter(({ chosen }) => chosen === undefined).map(({ title }) => title);
  const unfinished = [
    ...(open.length === 0 ? [] : [`Nothing is chosen yet for ${open.join(', ')}.`]),
    ...(pending === 0 ? [] : [`${plural(pending, 'task is', 'tasks are')} not finished.`]),
  ];
  const soFar = unfinished.length === 0 ? '' : `${unfinished.join(' ')} So far: `;
  const compared = rows.filter((row) => !row.isBaseline && row.statistics.steps_ratio !== undefined);
  const reached = compared.filter(({ statistics }) => statistics.steps_ratio!.mean < Infinity);
  const first = reached.toSorted((a, b) => a.statistics.steps_ratio!.mean - b.statistics.steps_ratio!.mean)[0];
  if (rows.some(({ tasks }) => tasks.some(({ row }) => row.steps_to_target === 0))) {
    return soFar + metAtStart(targetText(summary));
  }
  if (compared.length === 0)
    return `${soFar}There is nothing to compare with the baseline's way to ${targetText(summary)}.`;
  if (first === undefined) return `${soFar}No other setting reached ${targetText(summary)} with every seed.`;
  const { steps_ratio, time_ratio } = first.statistics;
  const seeds = steps_ratio!.n === 1 ? '1 seed' : `mean of ${steps_ratio!.n} seeds`;
  return (
    `${soFar}${first.title} reached ${targetText(summary)} in ${spreadText(steps_ratio!, ratioText)} the iterations` +
    `${time_ratio === undefined ? '' : ` and ${spreadText(time_ratio, ratioText)} the training time`} (${seeds}).`
  );
}

function targetText({ target, baseline }: Summary): string {
  return target === 'baseline_final' ? `${baseline}'s final loss` : `a validation loss of ${target}`;
}
