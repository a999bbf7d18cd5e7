import { efficiencyJson } from '../report/csv/efficiency-csv.js';
import { efficiencyOf } from '../analysis/efficiency/efficiency.js';
import { hasColors } from './terminal/colors.js';
import { comparisonText } from '../report/text/comparison.js';
import { headline } from '../report/text/headline.js';
import { summaryJson, writeSummary } from '../report/csv/summary-csv.js';
import { summarize } from '../analysis/summary.js';
import { sweepJson, writeSweepSummary } from '../report/csv/sweep-csv.js';
import { summarizeSweep } from '../analysis/sweep-summary.js';
import { sweepHeadline, sweepText } from '../report/text/sweep-text.js';
import { readExperiment, type Experiment } from '../results/read.js';
import { isSweep, readSweep, type Sweep } from '../results/read-sweep.js';
import { lineWidth, print, printJson } from './terminal/output.js';

export interface ResultOptions {
  /** Another target than the configured one. */
  target?: number | undefined;
  plot: boolean;
  json: boolean;
}

/** What the runs of a directory have written. */
export type Results = Experiment | Sweep;

/** Reads the runs of a directory, an experiment's or a sweep's. */
export function readResults(directory: string): Results {
  return isSweep(directory) ? readSweep(directory) : readExperiment(directory);
}

/** Writes what follows from the runs of a directory. */
export function writeResults(results: Results): void {
  if (isOfSweep(results)) writeSweepSummary(results.directory, results);
  else writeSummary(results.directory, results);
}

/**
 * Prints the comparison of a directory's runs: table, headline and plot, or one JSON document.
 * @returns Whether every run reached the target.
 */
export function showResults(results: Results, options: ResultOptions): { reached: boolean } {
  return isOfSweep(results) ? showSweep(results, options) : showExperiment(results, options);
}

function isOfSweep(results: Results): results is Sweep {
  return 'tunings' in results;
}

function showExperiment(experiment: Experiment, { target, plot, json }: ResultOptions): { reached: boolean } {
  const { directory } = experiment;
  const summary = summarize(experiment, target === undefined ? {} : { target });
  if (json) {
    printJson({ directory, headline: headline(summary), ...summaryJson(summary) });
  } else {
    print(comparisonText(experiment, summary, { ...textOptions(), plot }));
  }
  return { reached: summary.rows.every(({ reached }) => reached === true) };
}

/** A sweep has more curves than a plot of letters can tell apart: it has none. */
function showSweep(sweep: Sweep, { target, json }: ResultOptions): { reached: boolean } {
  const { directory } = sweep;
  const summary = summarizeSweep(sweep, target === undefined ? {} : { target });
  if (json) {
    const efficiency = efficiencyJson(efficiencyOf(sweep));
    printJson({ directory, headline: sweepHeadline(summary), ...sweepJson(summary), efficiency });
  } else print(sweepText(sweep, summary, textOptions()));
  const isChosen = summary.tuning.every(({ chosen }) => chosen !== undefined && chosen.length > 0);
  return { reached: isChosen && summary.rows.every(({ tasks }) => tasks.every(({ row }) => row.reached === true)) };
}

/** Without a terminal a line may have a hundred characters, as in the documentation. */
function textOptions(): { width: number; color: boolean } {
  return { width: lineWidth(), color: hasColors(process.stdout) };
}
