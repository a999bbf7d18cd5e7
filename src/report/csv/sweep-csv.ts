import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { csvText } from '../../files/csv.js';
import { efficiencyCsv } from './efficiency-csv.js';
import { efficiencyOf } from '../../analysis/efficiency/efficiency.js';
import { writeFileAtomic } from '../../files/atomic-file.js';
import { readSweep, type Sweep } from '../../results/read-sweep.js';
import type { Statistics } from '../text/statistics-text.js';
import { rowJson, summaryCells, summaryColumns } from './summary-csv.js';
import { jsonValue } from '../../files/json-value.js';
import { summarizeSweep, sweepMeasures, type SettingRow, type SweepSummary } from '../../analysis/sweep-summary.js';
import { edgeText } from '../../analysis/tuning.js';
import { tuningCsv, tuningJson } from './tuning-csv.js';

const statisticsKeys = ['n', 'mean', 'sd', 'low', 'high'] as const satisfies readonly (keyof Statistics)[];

/**
 * Writes summary.csv (a row a setting) and runs.csv (a row a task) of a sweep's directory, and efficiency.csv where
 * trainings have several lengths, tuning.csv where options were chosen; each whole or not at all.
 * @param sweep What was read of it, where it has been.
 * @throws {SoapBenchError} As `readSweep` does.
 */
export function writeSweepSummary(directory: string, sweep = readSweep(directory)): void {
  for (const [name, text] of Object.entries(sweepFiles(sweep))) {
    const file = join(directory, name);
    // The sweep may have had several lengths, or tunings, before.
    if (text === undefined) rmSync(file, { force: true });
    else writeFileAtomic(file, text);
  }
}

/** What follows from a sweep's runs, by the names of the files; undefined for one that there is nothing for. */
export function sweepFiles(sweep: Sweep): Readonly<Record<string, string | undefined>> {
  const summary = summarizeSweep(sweep);
  const efficiency = efficiencyOf(sweep);
  return {
    'summary.csv': settingsCsv(summary),
    'runs.csv': tasksCsv(summary),
    'efficiency.csv': efficiency.length > 0 ? efficiencyCsv(efficiency) : undefined,
    'tuning.csv': summary.tuning.length > 0 ? tuningCsv(summary.tuning) : undefined,
  };
}

/** A header and a row for every setting. What is not known is `nan`. */
export function settingsCsv({ rows }: SweepSummary): string {
  const columns = sweepMeasures.flatMap((measure) => statisticsKeys.map((key) => `${measure}_${key}`));
  const header = ['setting', 'label', 'optimizer', 'lr', 'baseline', 'edge', 'seeds', ...columns, 't', 'p', 'p_holm'];
  const cells = rows.map((row) => {
    const { optimizer, lr } = row.tasks[0]!.row;
    const numbers = sweepMeasures.flatMap((measure) => {
      const statistics = row.statistics[measure];
      return statisticsKeys.map((key) => statistics?.[key] ?? (key === 'n' ? 0 : NaN));
    });
    const test = (['t', 'p', 'p_holm'] as const).map((key) => row.test?.[key] ?? NaN);
    const { title, label, isBaseline, edges } = row;
    return [title, label, optimizer, lr, isBaseline, edgeText(edges), seedsText(row), ...numbers, ...test];
  });
  return csvText([header, ...cells]);
}

/** A header and a row for every task: the columns of an experiment's summary.csv behind the task. */
export function tasksCsv({ rows }: SweepSummary): string {
  const cells = rows.flatMap(({ tasks }) => tasks.map(({ id, row, summary }) => [id, ...summaryCells(row, summary)]));
  return csvText([['task', ...summaryColumns], ...cells]);
}

/** A summary for JSON, which has no infinities: they become "inf", unknown numbers null or "nan". */
export function sweepJson({ name, baseline, target, rows, tuning }: SweepSummary): Record<string, unknown> {
  const settings = rows.map(({ title, label, choices, isBaseline, edges, tasks, test, statistics }) => ({
    setting: title,
    label,
    choices,
    baseline: isBaseline,
    edges,
    test: test === undefined ? null : valuesJson(test),
    statistics: Object.fromEntries(sweepMeasures.map((measure) => [measure, statisticsJson(statistics[measure])])),
    tasks: tasks.map(({ id, row }) => ({ task: id, ...(rowJson(row) as object) })),
  }));
  return { name, baseline, target, rows: settings, ...(tuning.length > 0 && { tuning: tuningJson(tuning) }) };
}

function statisticsJson(statistics: Statistics | undefined): unknown {
  if (statistics === undefined) return null;
  return valuesJson(statistics);
}

function valuesJson(record: object): unknown {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, jsonValue(value)]));
}

function seedsText({ tasks }: SettingRow): string {
  return tasks.map(({ row }) => row.seed).join(' ');
}
