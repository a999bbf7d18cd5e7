import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isFigure, readAnyReport } from '../dist/report/report.js';
import { derivedFiles } from './derived-files.js';
import { outputsPage, outputsPageFile } from './outputs-page.js';
import { performancePage } from './performance-page.js';
import { pictureFiles } from './picture.js';
import { publishedFolder, publishedIn } from './published.js';
import { readmePage } from './readme-page.js';
import { resultsPage, resultsPageFile } from './results-page.js';

/** @import { NamedReport } from '../dist/report/report-data.js' */
/** @import { Report } from '../dist/report/report.js' */
/** @import { ReportData } from '../dist/report/report-data.js' */

/**
 * Every file of a checkout that follows from its published results, by its place: tables, reports, pages of the
 * documentation with their numbers in.
 * @param {string} root
 * @returns {Map<string, string>}
 */
export function expectedFiles(root) {
  // What `npm run bench` measured has no report.
  const results = publishedIn(root).filter(({ experiments }) => experiments.length > 0);
  const built = results.map((published) => {
    const report = readAnyReport(join(root, published.folder));
    return { ...published, report, files: derivedFiles(root, published, report) };
  });
  const figures = built.flatMap(({ report, ...rest }) => (isFigure(report) ? [{ ...rest, report }] : []));
  const headline = figures.find(({ name }) => name === 'headline')?.report.experiments ?? [];
  const shown = headline[0] ?? quickstartIn(built);
  const page = (/** @type {string} */ name) => readFileSync(join(root, name), 'utf8');
  const performance = join('docs', 'performance.md');
  return new Map([
    ...built.flatMap(({ files }) => [...files]),
    ...pictureFiles(shown),
    ['README.md', readmePage(page('README.md'), root, shown, headline)],
    [resultsPageFile, resultsPage(figures)],
    [outputsPageFile, outputsPage(page(outputsPageFile))],
    [performance, performancePage(page(performance), join(root, publishedFolder, 'performance'), performance)],
  ]);
}

/**
 * The experiment that the README trains, for its picture while the paper's main figure is not published.
 * @param {readonly { name: string, report: Report }[]} built
 * @returns {NamedReport}
 */
function quickstartIn(built) {
  const data = built.find(({ name }) => name === 'quickstart')?.report;
  return { name: 'quickstart', data: /** @type {ReportData} */ (data) };
}
