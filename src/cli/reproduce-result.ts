import { join } from 'node:path';
import { readReport } from '../report/report-data.js';
import { wrapText } from '../report/format.js';
import { writeReport } from '../report/write-report.js';
import { isSweep } from '../run/read-sweep.js';
import { resultColors } from './colors.js';
import type { OpenFigure } from './reproduce-figure.js';

/** What came of a figure. */
export interface FigureResult {
  readonly figure: string;
  readonly title: string;
  readonly paper: string;
  readonly folder: string;
  readonly page: string;
  readonly answers: readonly { readonly experiment: string; readonly folder: string; readonly headline: string }[];
  readonly claims: readonly { readonly text: string; readonly where: string }[];
}

/** Writes the page of a figure, and reads what is to be said of it. */
export function figureResult({ request, folder, experiments: all }: OpenFigure): FigureResult {
  const { id, title, paper, claims } = request.figure;
  // Stopped early, a figure has not begun all of them.
  const experiments = all.filter((experiment) => isSweep(experiment.folder));
  const reports = experiments.map((experiment) => readReport(experiment.folder));
  if (reports.length > 0) writeReport(reports, join(folder, 'report'));
  return {
    ...{ figure: id, title, paper, folder, page: join(folder, 'report', 'report.html') },
    answers: experiments.map(({ name, folder: place }, index) => {
      return { experiment: name, folder: place, headline: reports[index]!.headline };
    }),
    claims: claims.map(({ text, source }) => ({ text, where: source.where })),
  };
}

const width = 100;

/** The answer, what the paper says, and where to look. */
export function figureResultText({ figure, title, paper, folder, page, answers, claims }: FigureResult): string {
  const { bold, dim } = resultColors;
  const indented = (text: string) => wrapText(text, width - 2).replaceAll('\n', '\n  ');
  return [
    `${bold(`${figure}: ${title}`)} ${dim(`(${paper})`)}`,
    ...answers.map(({ experiment, headline }) => `\n${indented(`${experiment}: ${headline}`)}`),
    '\nThe paper says:',
    ...claims.map(({ text, where }) => `- ${indented(`${text} (${where})`)}`),
    ...(answers.length === 0 ? [] : [`\npage     ${page}`]),
    `results  ${folder}`,
  ].join('\n');
}
