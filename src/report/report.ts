import { isFigureFolder } from '../reproduce/figure-folder.js';
import { readFigureReport, type FigureReport } from './figure-report.js';
import { readReport, type ReportData } from './report-data.js';

/** What a report is made of: an experiment, a sweep, or a figure of the paper with several of them. */
export type Report = ReportData | FigureReport;

/**
 * Reads a folder that there can be a report of.
 * @throws {SoapBenchError} As `readFigureReport` and `readReport` do.
 */
export function readAnyReport(directory: string): Report {
  return isFigureFolder(directory) ? readFigureReport(directory) : readReport(directory);
}

export function isFigure(report: Report): report is FigureReport {
  return 'figure' in report;
}

/** What a report is called among others. */
export function nameOf(report: Report): string {
  return isFigure(report) ? report.figure.id : report.summary.name;
}

/** Its experiments and sweeps, each with the folder of its charts and tables. */
export function partsOf(report: Report): readonly { readonly place: string; readonly data: ReportData }[] {
  return isFigure(report)
    ? report.experiments.map(({ name, data }) => ({ place: name, data }))
    : [{ place: '', data: report }];
}
