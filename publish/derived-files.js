import { join } from 'node:path';
import { summaryCsv } from '../dist/report/csv/summary-csv.js';
import { summarize } from '../dist/analysis/summary.js';
import { sweepFiles } from '../dist/report/csv/sweep-csv.js';
import { reportFiles } from '../dist/report/write-report.js';
import { readExperiment } from '../dist/results/read.js';
import { isSweep, readSweep } from '../dist/results/read-sweep.js';

/** @import { Report } from '../dist/report/report.js' */
/** @import { Published } from './published.js' */

/**
 * What follows from the raw files of published results: tables and report, by their places in the checkout.
 * @param {string} root
 * @param {Published} published
 * @param {Report} report
 * @returns {Map<string, string>}
 */
export function derivedFiles(root, { folder, experiments }, report) {
  const tables = experiments.flatMap((experiment) =>
    Object.entries(tablesOf(join(root, experiment))).flatMap(([name, text]) =>
      text === undefined ? [] : [/** @type {const} */ ([join(experiment, name), text])],
    ),
  );
  const pages = [...reportFiles([report])].map(
    ([name, text]) => /** @type {const} */ ([join(folder, 'report', name), text]),
  );
  return new Map([...tables, ...pages]);
}

/**
 * @param {string} directory
 * @returns {Readonly<Record<string, string | undefined>>}
 */
function tablesOf(directory) {
  return isSweep(directory)
    ? sweepFiles(readSweep(directory))
    : { 'summary.csv': summaryCsv(summarize(readExperiment(directory))) };
}
