import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../run/atomic-file.js';
import { chartsOf } from './charts/all-charts.js';
import { chartCsv } from './charts/chart-csv.js';
import { chartSvg } from './charts/svg.js';
import { pageHtml } from './page/page.js';
import { pageContent } from './page/sections.js';
import type { ReportData } from './report-data.js';
import { jsonTable, latexTable, markdownTable } from './table-formats.js';
import { tablesOf } from './tables.js';

/**
 * Writes a report into a folder: report.html, charts/ with every chart as SVG and the CSV it was drawn from, tables/ with
 * every table as Markdown, CSV, LaTeX and JSON. Of several directories, each has its charts and tables in a folder of its own.
 * @returns What was written, below the folder.
 */
export function writeReport(reports: readonly ReportData[], folder: string): string[] {
  const files = new Map<string, string>([['report.html', pageHtml(titleOf(reports), pageContent(reports))]]);
  for (const [index, data] of reports.entries()) {
    const place = reports.length === 1 ? '' : `${index + 1}-${data.summary.name}`;
    for (const chart of chartsOf(data)) {
      files.set(join(place, 'charts', `${chart.id}.svg`), chartSvg(chart));
      files.set(join(place, 'charts', `${chart.id}.csv`), chartCsv(chart));
    }
    for (const table of tablesOf(data)) {
      const name = join(place, 'tables', table.id);
      files.set(`${name}.md`, markdownTable(table));
      files.set(`${name}.csv`, table.csv);
      files.set(`${name}.tex`, latexTable(table));
      files.set(`${name}.json`, jsonTable(table));
    }
  }
  for (const [name, text] of files) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileAtomic(join(folder, name), text);
  }
  return [...files.keys()];
}

export function titleOf(reports: readonly ReportData[]): string {
  return `${reports.map(({ summary }) => summary.name).join(', ')} · soap-bench`;
}
