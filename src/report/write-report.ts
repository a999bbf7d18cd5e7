import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../files/atomic-file.js';
import { chartsOf } from './charts/all-charts.js';
import { chartCsv } from './charts/chart-csv.js';
import { chartSvg } from './charts/svg.js';
import { pageHtml } from './page/page.js';
import { pageContent } from './page/sections.js';
import { claimsTable } from './tables/claims-table.js';
import { isFigure, nameOf, partsOf, type Report } from './report.js';
import { jsonTable } from '../table/json.js';
import { latexTable } from '../table/latex.js';
import { markdownTable } from '../table/markdown.js';
import type { ReportTable } from '../table/table.js';
import { tablesOf } from './tables/tables.js';

/**
 * The files of a report by their names: report.html, charts/ with every chart as SVG and the CSV it was drawn from, tables/
 * with every table as Markdown, CSV, LaTeX and JSON. Of several directories, each has its charts and tables in a folder of
 * its own, and so has each experiment of a figure.
 */
export function reportFiles(reports: readonly Report[]): Map<string, string> {
  const files = new Map<string, string>([['report.html', pageHtml(titleOf(reports), pageContent(reports))]]);
  const addTable = (place: string, table: ReportTable) => {
    const name = join(place, 'tables', table.id);
    files.set(`${name}.md`, markdownTable(table));
    files.set(`${name}.csv`, table.csv);
    files.set(`${name}.tex`, latexTable(table));
    files.set(`${name}.json`, jsonTable(table));
  };
  for (const [index, report] of reports.entries()) {
    const own = reports.length === 1 ? '' : `${index + 1}-${nameOf(report)}`;
    if (isFigure(report)) addTable(own, claimsTable(report.claims));
    for (const { place, data } of partsOf(report)) {
      for (const chart of chartsOf(data)) {
        files.set(join(own, place, 'charts', `${chart.id}.svg`), chartSvg(chart));
        files.set(join(own, place, 'charts', `${chart.id}.csv`), chartCsv(chart));
      }
      for (const table of tablesOf(data)) addTable(join(own, place), table);
    }
  }
  return files;
}

/** Writes files into a folder, each whole or not at all. */
export function writeFiles(files: ReadonlyMap<string, string>, folder: string): void {
  for (const [name, text] of files) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileAtomic(join(folder, name), text);
  }
}

export function titleOf(reports: readonly Report[]): string {
  return `${reports.map(nameOf).join(', ')} · soap-bench`;
}
