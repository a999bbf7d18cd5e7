import { join } from 'node:path';
import { SoapBenchError, exitCodes } from '../errors.js';
import { isBegun, readFigureFile, type FigureFile } from '../reproduce/figure-folder.js';
import { figureNamed, type Figure } from '../reproduce/figures.js';
import { claimRows, type ClaimRow } from '../analysis/claims/claims.js';
import type { NamedReport } from './report-data.js';
import { readReport } from './report-data.js';

/** Everything a report says of a figure of the paper. */
export interface FigureReport {
  readonly directory: string;
  readonly figure: Figure;
  /** How it was run. */
  readonly file: FigureFile;
  /** Those that have been begun. */
  readonly experiments: readonly [NamedReport, ...NamedReport[]];
  /** Names of the others. */
  readonly notBegun: readonly string[];
  readonly claims: readonly ClaimRow[];
}

/**
 * Reads a figure's folder, also while its experiments are being trained.
 * @throws {SoapBenchError} `figure_not_begun` (exit code 2), `results_damaged` (6).
 */
export function readFigureReport(directory: string): FigureReport {
  const file = readFigureFile(directory);
  const figure = figureNamed(file.figure);
  const begun = file.experiments.filter((name) => isBegun(join(directory, name)));
  const [first, ...others] = begun.map((name) => ({ name, data: readReport(join(directory, name)) }));
  if (first === undefined) throw notBegun(directory, file);
  const experiments = [first, ...others] as const;
  return {
    directory,
    figure,
    file,
    experiments,
    notBegun: file.experiments.filter((name) => !begun.includes(name)),
    claims: claimRows(figure.claims, experiments),
  };
}

function notBegun(directory: string, { figure, experiments }: FigureFile): SoapBenchError {
  const message = `${directory}: nothing has been trained yet, of ${experiments.join(' or ')}`;
  return new SoapBenchError('figure_not_begun', message, {
    exitCode: exitCodes.usage,
    hint: `soap-bench reproduce ${figure} trains it`,
  });
}
