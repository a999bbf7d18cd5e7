import { join } from 'node:path';
import { createColors } from '../../terminal.js';
import { settingText } from '../../config/setting-text.js';
import { efficiencyOf } from '../../analysis/efficiency/efficiency.js';
import { efficiencyHeadline, efficiencyTable } from './efficiency-text.js';
import type { Sweep } from '../../results/read-sweep.js';
import { tableWidth, textTable, type Cell, type Column } from '../../text-table.js';
import { computedWith } from './comparison.js';
import {
  countText,
  deviationText,
  lossText,
  lrText,
  ratioText,
  timeText,
  wrapText,
  type NumberText,
} from '../../format.js';
import type { Statistics } from '../../statistics/statistics.js';
import { metAtStart } from './headline.js';
import { hasTimes, isMeasured, measuredLine, roundsLine, sharedMachineLine } from '../../analysis/summary.js';
import { isTime, type SettingRow, type SweepMeasure, type SweepSummary } from '../../analysis/sweep-summary.js';
import { tuningText } from './tuning-text.js';

export interface SweepTextOptions {
  /** Characters a line may have. */
  readonly width: number;
  readonly color: boolean;
}

/** What a reader sees of a sweep: table, result, where the numbers are. */
export function sweepText(sweep: Sweep, summary: SweepSummary, options: SweepTextOptions): string {
  const { directory, runs: swept } = sweep;
  const { width, color } = options;
  const { dim, bold } = createColors(color);
  const efficiency = efficiencyOf(sweep);
  const headline = efficiencyHeadline(efficiency);
  const runs = swept.map(({ run, optimizer, choices, seed }) => {
    return { ...run, label: `${settingText(optimizer, choices)} seed=${seed}` };
  });
  const files = [
    'summary.csv',
    'runs.csv',
    ...(efficiency.length > 0 ? ['efficiency.csv'] : []),
    ...(summary.tuning.length > 0 ? ['tuning.csv'] : []),
  ];
  const blocks = [
    `${wrapText(`${summary.name}: ${summary.rows.length} settings; target: ${targetText(summary)}.`, width)}\n${computedWith(runs)}`,
    ...(summary.tuning.length === 0
      ? []
      : [['Chosen by the final validation loss:', ...tuningText(summary.tuning)].join('\n')]),
    ...(summary.rows.length === 0 ? [] : [sweepTable(summary, options)]),
    bold(wrapText(sweepHeadline(summary), width)),
    ...(efficiency.length === 0 ? [] : [efficiencyTable(efficiency, dim).join('\n')]),
    ...(headline === undefined ? [] : [bold(wrapText(headline, width))]),
    files.map((file) => join(directory, file)).join('\n'),
  ];
  return blocks.join('\n\n');
}

/** The setting that reached the target in the fewest iterations, in a sentence. */
export function sweepHeadline(summary: SweepSummary): string {
  const { rows } = summary;
  const pending = rows.flatMap(({ tasks }) => tasks).filter(({ row }) => !ended.includes(row.state)).length;
  const open = summary.tuning.filter(({ chosen }) => chosen === undefined).map(({ title }) => title);
  const unfinished = [
    ...(open.length === 0 ? [] : [`Nothing is chosen yet for ${open.join(', ')}.`]),
    ...(pending === 0 ? [] : [`${pending} ${pending === 1 ? 'task is' : 'tasks are'} not finished.`]),
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

const ended: readonly string[] = ['finished', 'diverged', 'stopped_at_target'];

function targetText({ target, baseline }: SweepSummary): string {
  return target === 'baseline_final' ? `${baseline}'s final loss` : `a validation loss of ${target}`;
}

/** A row a setting; numbers of several seeds are means with standard deviation, ratios with their 95% interval. */
function sweepTable({ rows }: SweepSummary, { width, color }: SweepTextOptions): string {
  const colors = createColors(color);
  const plain = (title: string[], text: (row: SettingRow) => string, align: 'left' | 'right'): Column => {
    return { title, align, cells: rows.map((row) => ({ text: text(row) })) };
  };
  const measured = (title: string[], measure: SweepMeasure, text: NumberText) => {
    const cells = rows.map(({ statistics, tasks }): Cell => {
      const found = statistics[measure];
      if (found === undefined && isTime(measure) && tasks.some(({ row }) => !hasTimes(row))) return { text: '–' };
      if (found === undefined) return { text: tasks.some(({ row }) => row.state === 'failed') ? 'failed' : 'unknown' };
      if (found.mean === Infinity) return { text: measure === 'final_loss' ? 'diverged' : 'not reached' };
      return { text: measure.endsWith('_ratio') ? spreadText(found, text) : deviationText(found, text) };
    });
    return { title, align: 'right', cells } as const;
  };
  const setting = plain(
    ['setting'],
    ({ title, isBaseline, edges }) => {
      return title + (isBaseline ? ' (baseline)' : '') + (edges.length > 0 ? ' (edge)' : '');
    },
    'left',
  );
  const lr = plain(['lr'], ({ tasks }) => lrText(tasks[0]!.row.lr), 'right');
  const n = plain(['n'], ({ statistics }) => String(statistics.final_loss?.n ?? 0), 'right');
  const loss = measured(['final', 'val loss'], 'final_loss', lossText);
  const steps = measured(['iterations', 'to target'], 'steps_to_target', countText);
  const stepsRatio = measured(['iterations', 'over baseline'], 'steps_ratio', ratioText);
  const time = measured(['training time', 'to target'], 'train_time_to_target_s', timeText);
  const timeRatio = measured(['time', 'over baseline'], 'time_ratio', ratioText);
  const narrower: [Column, ...Column[]][] = [
    [setting, lr, n, loss, steps, stepsRatio, time, timeRatio],
    [setting, lr, n, loss, steps, stepsRatio, timeRatio],
    [setting, n, loss, steps, stepsRatio, timeRatio],
    [setting, n, loss, stepsRatio, timeRatio],
    [setting, n, loss, stepsRatio],
  ];
  const columns = narrower.find((some) => tableWidth(some) <= width) ?? narrower.at(-1)!;
  const areMeasured = rows.some(({ tasks }) => tasks.some(({ row }) => isMeasured(row)));
  const several = rows.some(({ statistics }) => (statistics.final_loss?.n ?? 0) > 1);
  const below = [
    ...(several ? ['± standard deviation between seeds; [95% interval of the mean]'] : []),
    ...(rows.some(({ tasks }) => tasks.some(({ row }) => !hasTimes(row))) ? [sharedMachineLine] : []),
    ...(areMeasured ? [several ? `${measuredLine} ${roundsLine}` : measuredLine] : []),
    ...(rows.some(({ edges }) => edges.length > 0) ? ['(edge): its best value is the smallest or largest tried.'] : []),
    ...(columns.length < narrower[0]!.length ? ['summary.csv has more columns.'] : []),
  ];
  return [...textTable(columns, colors.dim), ...below.map((line) => colors.dim(wrapText(line, width)))].join('\n');
}

/** `0.59× [0.57, 0.61]` */
function spreadText({ mean, low, high }: Statistics, text: (value: number) => string): string {
  if (Number.isNaN(low)) return text(mean);
  return `${text(mean)} [${text(low).replace('×', '')}, ${text(high).replace('×', '')}]`;
}
