import { createColors } from '../../terminal.js';
import { tableOf, type Column, type Table } from '../../table/table.js';
import { textTable } from '../../table/text.js';
import {
  countText,
  decimalText,
  deviationText,
  lossText,
  plural,
  signedText,
  timeText,
  type NumberText,
  wrapText,
} from '../../format.js';
import { settingPairs, type SettingPair } from '../../analysis/setting-pairs.js';
import type { Setting, SettingMeasure, SettingsTable } from '../../analysis/settings.js';
import { jsonValue } from '../../files/json-value.js';

export interface SettingsTextOptions {
  /** Characters a line may have. */
  readonly width: number;
  readonly color: boolean;
}

/** Settings side by side: only the keys in which they differ, the results, and what paired seeds say. */
export function settingsText(table: SettingsTable, { width, color }: SettingsTextOptions): string {
  const colors = createColors(color);
  const pairs = settingPairs(table);
  const blocks = [
    textTable(differencesTable(table), { width, colors, elsewhere: '--json has them.' }).join('\n'),
    ...(pairs.length === 0
      ? []
      : [
          pairsText(pairs, table)
            .map((line) => wrapText(line, width))
            .join('\n'),
        ]),
  ];
  const several = pairs.filter(({ test }) => test !== undefined && test.n > 1).length > 1;
  const notes = [
    ...(table.settings.some(({ trainings }) => trainings.length > 1) ? ['± standard deviation between seeds'] : []),
    ...(several ? ['Holm: p corrected for all comparisons here'] : []),
  ];
  return [
    ...blocks,
    ...(notes.length === 0 ? [] : [colors.dim(notes.map((line) => wrapText(line, width)).join('\n'))]),
  ].join('\n\n');
}

/** The same for JSON, where "inf" is infinite and null unknown. */
export function settingsJson(table: SettingsTable): Record<string, unknown> {
  const { target, differing, settings } = table;
  const numbers = (record: object) =>
    Object.fromEntries(Object.entries(record).map(([key, value]) => [key, jsonValue(value ?? null)]));
  return {
    target: target ?? null,
    differing,
    settings: settings.map(({ experiment, title, values, trainings, statistics }) => ({
      experiment,
      setting: title,
      values: numbers(values),
      trainings: trainings.map(numbers),
      statistics: Object.fromEntries(
        Object.entries(statistics).map(([measure, found]) => [measure, found === undefined ? null : numbers(found)]),
      ),
    })),
    paired: settingPairs(table).map(({ first, second, measure, seeds, test, p_holm, remarks }) => ({
      first: { experiment: first.experiment, setting: first.title },
      second: { experiment: second.experiment, setting: second.title },
      measure,
      seeds,
      ...(test ?? { n: 0, mean_difference: null, low: null, high: null, t: null, p: null }),
      p_holm,
      remarks,
    })),
  };
}

function nameOf({ experiment, title }: Setting, { settings }: SettingsTable): string {
  const isOne = new Set(settings.map((setting) => setting.experiment)).size === 1;
  return isOne ? title : `${experiment}/${title}`;
}

/** Settings by the keys in which they differ, and their results. */
function differencesTable(table: SettingsTable): Table {
  const { settings, differing, target } = table;
  const measured = (title: string, measure: SettingMeasure, text: NumberText, missed: string): Column<Setting> => ({
    title,
    align: 'right',
    cell: ({ statistics }) => {
      const found = statistics[measure];
      if (found === undefined) return '–';
      if (found.mean === Infinity) return missed;
      return measure === 'train_time_s' ? text(found.mean) : deviationText(found, text);
    },
  });
  // A label that is the optimizer's name says it.
  const isInName = settings.every(({ title, values }) => title === values.optimizer);
  const keys = differing.filter((key) => !(isInName && key === 'optimizer'));
  return tableOf<Setting>(
    settings,
    [
      { title: 'setting', cell: (setting) => nameOf(setting, table) },
      ...keys.map((key, index): Column<Setting> => ({
        title: key.replaceAll('.', '.\n'),
        align: 'right',
        priority: keys.length - index,
        cell: ({ values }) => valueText(values[key]),
      })),
      { title: 'n', align: 'right', cell: ({ statistics }) => String(statistics.final_loss?.n ?? 0) },
      measured('final\nval loss', 'final_loss', lossText, 'diverged'),
      ...(target === undefined
        ? []
        : [measured(`iterations\nto ${target}`, 'steps_to_target', countText, 'not reached')]),
      measured('training\ntime', 'train_time_s', timeText, '–'),
    ],
    { notes: differing.length === 0 ? ['The configurations are the same.'] : [] },
  );
}

/** A line a pair, and what is to be said of all of them once. */
function pairsText(pairs: readonly SettingPair[], table: SettingsTable): string[] {
  const [{ remarks: common }] = pairs as [SettingPair, ...SettingPair[]];
  const ofAll = common.filter((remark) => pairs.every(({ remarks }) => remarks.includes(remark)));
  const most = Math.max(...pairs.map(({ test }) => test?.n ?? 0));
  if (most < 2) return [`No paired test: no two lines share two seeds with which both have a number (n = ${most}).`];
  const lines = pairs.map(({ remarks, ...pair }) => {
    return [pairText(pair, table, pairs.length > 1), ...remarks.filter((remark) => !ofAll.includes(remark))].join('; ');
  });
  return [...lines, ...ofAll];
}

function pairText(
  { first, second, measure, seeds, test, p_holm }: Omit<SettingPair, 'remarks'>,
  table: SettingsTable,
  several: boolean,
): string {
  const isLoss = measure === 'final_loss';
  const what = isLoss ? 'final loss' : 'iterations to the target';
  const who = `${nameOf(second, table)} against ${nameOf(first, table)}, ${what}`;
  const signed = (value: number) => signedText(value, isLoss ? 4 : 1);
  if (test === undefined) return `${who}: no seed with which both have a number, so there is no paired test`;
  const { n, mean_difference, low, high, t, p } = test;
  if (low === null || high === null) {
    return `${who}: ${signed(mean_difference)} with seed ${seeds[0]}; n = 1, so there is no paired test`;
  }
  const corrected = several && p_holm !== null ? ` (Holm: ${pText(p_holm)})` : '';
  const rest =
    t === null ? 'all differences are the same' : `paired t = ${decimalText(t, 2)}, p = ${pText(p!)}${corrected}`;
  return `${who}: ${signed(mean_difference)} [${signed(low)}, ${signed(high)}] (95%), n = ${plural(n, 'seed')}, ${rest}`;
}

function pText(p: number): string {
  return p < 1e-4 ? p.toExponential(1) : p.toPrecision(2);
}

function valueText(value: unknown): string {
  return value === undefined ? '–' : typeof value === 'string' ? value : JSON.stringify(value);
}
