import { isFigure, type Report } from '../report.js';
import { joined, type PageContent } from './content.js';
import { directoryContent } from './directory-content.js';
import { figureContent } from './figure-content.js';

/** The page of one directory or several, each with its answer, tables, charts and how to run it again. */
export function pageContent(reports: readonly Report[]): PageContent {
  const prefixOf = (index: number) => (reports.length === 1 ? '' : `${index + 1}-`);
  return joined(
    reports.map((report, index) =>
      isFigure(report) ? figureContent(report, prefixOf(index)) : directoryContent(report, prefixOf(index)),
    ),
  );
}
