import { join } from 'node:path';
import { analyse } from '../dist/analysis/analysis.js';
import { readStudy } from '../dist/results/study.js';
import { studyFiles } from '../dist/report/csv/study-files.js';
import { reportFiles } from '../dist/report/write-report.js';

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
    Object.entries(studyFiles(analyse(readStudy(join(root, experiment))))).flatMap(([name, text]) =>
      text === undefined ? [] : [/** @type {const} */ ([join(experiment, name), text])],
    ),
  );
  const pages = [...reportFiles([report])].map(
    ([name, text]) => /** @type {const} */ ([join(folder, 'report', name), text]),
  );
  return new Map([...tables, ...pages]);
}
