import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Analysis } from '../../analysis/analysis.js';
import { writeFileAtomic } from '../../files/atomic-file.js';
import { efficiencyCsv } from './efficiency-csv.js';
import { comparisonCsv, tasksCsv } from './runs-csv.js';
import { settingsCsv } from './settings-csv.js';
import { tuningCsv } from './tuning-csv.js';

/** Writes what follows from a study into its folder, each file whole or not at all. */
export function writeStudyFiles(analysis: Analysis): void {
  for (const [name, text] of Object.entries(studyFiles(analysis))) {
    const file = join(analysis.study.folder, name);
    // A sweep may have had several lengths, or tunings, before.
    if (text === undefined) rmSync(file, { force: true });
    else writeFileAtomic(file, text);
  }
}

/**
 * The files that follow from a study, by their names; undefined for one that there is nothing for. summary.csv of an
 * experiment has a row a run; that of a sweep has a row a setting, and runs.csv a row a run.
 */
export function studyFiles({ study, summary, efficiency }: Analysis): Readonly<Record<string, string | undefined>> {
  if (study.kind === 'experiment') return { 'summary.csv': comparisonCsv(summary.comparisons[0]!) };
  return {
    'summary.csv': settingsCsv(summary),
    'runs.csv': tasksCsv(summary),
    'efficiency.csv': efficiency.length > 0 ? efficiencyCsv(efficiency) : undefined,
    'tuning.csv': summary.tuning.length > 0 ? tuningCsv(summary.tuning) : undefined,
  };
}
