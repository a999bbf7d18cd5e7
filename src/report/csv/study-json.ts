import type { Analysis } from '../../analysis/analysis.js';
import type { Comparison, SummaryRow } from '../../analysis/comparison.js';
import { measures, type Summary } from '../../analysis/summary.js';
import { jsonValue } from '../../files/json-value.js';
import type { Statistics } from '../text/statistics-text.js';
import { efficiencyJson } from './efficiency-csv.js';
import { tuningJson } from './tuning-csv.js';

/** What follows from a study, for JSON, which has no infinities: they become "inf", unknown numbers null or "nan". */
export function studyJson({ study, summary, efficiency }: Analysis): Record<string, unknown> {
  if (study.kind === 'experiment') return comparisonJson(summary.comparisons[0]!);
  return { ...settingsJson(summary), efficiency: efficiencyJson(efficiency) };
}

/** An experiment has a row a run. */
function comparisonJson(comparison: Comparison): Record<string, unknown> {
  return { ...comparison, target_unknown: comparison.target_unknown ?? null, rows: comparison.rows.map(rowJson) };
}

/** A sweep has a row a setting, with its runs in it. */
function settingsJson({ name, baseline, target, rows, tuning }: Summary): Record<string, unknown> {
  const settings = rows.map(({ title, label, choices, isBaseline, edges, tasks, test, statistics }) => ({
    setting: title,
    label,
    choices,
    baseline: isBaseline,
    edges,
    test: test === undefined ? null : valuesJson(test),
    statistics: Object.fromEntries(measures.map((measure) => [measure, statisticsJson(statistics[measure])])),
    tasks: tasks.map(({ id, row }) => ({ task: id, ...rowJson(row) })),
  }));
  return { name, baseline, target, rows: settings, ...(tuning.length > 0 && { tuning: tuningJson(tuning) }) };
}

function statisticsJson(statistics: Statistics | undefined): object | null {
  return statistics === undefined ? null : valuesJson(statistics);
}

function valuesJson(record: object): object {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, jsonValue(value)]));
}

function rowJson(row: SummaryRow): object {
  return valuesJson({ ...row, message: row.message ?? null });
}
