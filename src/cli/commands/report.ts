import { join } from 'node:path';
import type { Command } from 'commander';
import { note, print, printJson } from '../terminal/output.js';
import { SoapBenchError, exitCodes } from '../../errors.js';

interface ReportOptions {
  output?: string;
  json?: boolean;
}

/** `soap-bench report`: the page of an experiment or a sweep, with its charts and tables as files. */
export function registerReport(program: Command): void {
  program
    .command('report')
    .description('write a page with answer, charts and tables of experiments, sweeps and figures of the paper')
    .argument(
      '<directories...>',
      'folders of experiments, sweeps or figures: results/<name>/<date>-<time>, …/sweep, results/paper/<figure>',
    )
    .option('--output <folder>', 'where to write; <directory>/report when left out')
    .option('--json', 'print one JSON document with the answers and what was written')
    .addHelpText(
      'after',
      `
Examples:
  soap-bench report results/quickstart/20250131-120000
  soap-bench report results/frequency/sweep results/budgets/sweep \\
      --output report
  soap-bench report results/paper/headline

Writes report.html, a single file that needs no network, charts/ with every
chart as SVG and the CSV it was drawn from, tables/ with every table as
Markdown, CSV, LaTeX (booktabs) and JSON. A directory whose runs are not
finished yet is reported as it stands; \`soap-bench watch\` follows it. The page
of a figure of the SOAP paper holds its claims against what was measured
(tables/claims.*).`,
    )
    .action(async (directories: string[], { output, json = false }: ReportOptions) => {
      const { partsOf, readAnyReport } = await import('../../report/report.js');
      const { reportFiles, writeFiles } = await import('../../report/write-report.js');
      if (directories.length > 1 && output === undefined) throw whereTo();
      const folder = output ?? join(directories[0]!, 'report');
      const reports = directories.map(readAnyReport);
      const files = reportFiles(reports);
      writeFiles(files, folder);
      const answers = reports.flatMap(partsOf).map(({ data: { directory, headline } }) => ({ directory, headline }));
      if (json) {
        printJson({ folder, page: join(folder, 'report.html'), answers, files: [...files.keys()] });
        return;
      }
      for (const { headline } of answers) note(headline);
      print(join(folder, 'report.html'));
    });
}

function whereTo(): SoapBenchError {
  return new SoapBenchError('output_missing', 'a report of several directories needs a folder of its own', {
    exitCode: exitCodes.usage,
    hint: 'name it with --output, for example --output report',
  });
}
