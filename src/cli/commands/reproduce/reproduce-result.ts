import { join } from 'node:path';
import { groupBy } from '../../../group-by.js';
import { measuredText, verdictText, whereText } from '../../../report/text/claim-text.js';
import { verdictsText } from '../../../report/text/verdicts-text.js';
import { readFigureReport, type FigureReport } from '../../../report/figure-report.js';
import { wrapText } from '../../../format.js';
import { jsonValue } from '../../../files/json-value.js';
import { reportFiles, writeFiles } from '../../../report/write-report.js';
import { isBegun } from '../../../reproduce/figure-folder.js';
import type { OpenFigure } from '../../../reproduce/open-figure.js';
import { resultColors } from '../../terminal/colors.js';

/** What came of a figure, and its page. */
export interface FigureResult {
  readonly report: FigureReport;
  readonly page: string;
}

/** Writes the page of a figure; undefined where nothing has been begun. */
export function figureResult({ folder, experiments }: OpenFigure): FigureResult | undefined {
  if (!experiments.some((experiment) => isBegun(experiment.folder))) return undefined;
  const report = readFigureReport(folder);
  writeFiles(reportFiles([report]), join(folder, 'report'));
  return { report, page: join(folder, 'report', 'report.html') };
}

const width = 100;

/** The answers, what the paper says beside what was measured, and where to look. */
export function figureResultText({ report, page }: FigureResult): string {
  const { figure, experiments, claims, directory } = report;
  const { bold, dim } = resultColors;
  const indented = (text: string, by: number) => wrapText(text, width - by).replaceAll('\n', `\n${' '.repeat(by)}`);
  const answers = experiments.flatMap(({ name, data }) => [
    `${name}: ${indented(data.headline, name.length + 2)}`,
    `${' '.repeat(name.length + 2)}${verdictsText(claims, name)}`,
  ]);
  return [
    `${bold(`${figure.id}: ${figure.title}`)} ${dim(`(${figure.paper})`)}`,
    '',
    ...answers,
    '',
    'What the paper says, and what was measured here:',
    ...claimLines(report, indented),
    '',
    `page     ${page}`,
    `results  ${directory}`,
  ].join('\n');
}

/** A claim, and below it a line for every number: where it was measured, the number, the verdict. */
function claimLines({ claims }: FigureReport, indented: (text: string, by: number) => string): string[] {
  return [...groupBy(claims, ({ claim }) => claim)].flatMap(([{ text, source }, rows]) => [
    `- ${indented(`${text} (${source.where})`, 2)}`,
    ...rows.map((row) => {
      const parts = [whereText(row), measuredText(row), verdictText(row)];
      return `    ${indented(parts.filter((part) => part !== '').join('  '), 4)}`;
    }),
  ]);
}

/** The same for `--json`. */
export function figureResultJson({ report, page }: FigureResult): object {
  const { figure, file, directory, experiments, claims } = report;
  return {
    ...file,
    title: figure.title,
    paper: figure.paper,
    folder: directory,
    page,
    experiments: experiments.map(({ name, data }) => ({
      experiment: name,
      folder: data.directory,
      headline: data.headline,
    })),
    claims: claims.map(({ claim, experiment, measured, verdict, why }) => ({
      claim: claim.text,
      source: claim.source,
      experiment,
      setting: measured.where,
      value: jsonValue(measured.value),
      low: jsonValue(measured.low),
      high: jsonValue(measured.high),
      n: measured.n,
      verdict,
      why,
    })),
  };
}
