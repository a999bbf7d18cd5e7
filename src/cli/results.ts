import { hasColors } from './colors.js';
import { comparisonText } from '../report/comparison.js';
import { headline } from '../report/headline.js';
import { summaryJson } from '../report/summary-csv.js';
import { summarize, type Summary } from '../report/summary.js';
import { readExperiment } from '../run/read.js';
import { print, printJson } from './output.js';

export interface ResultOptions {
  /** Another target than the configured one. */
  target?: number | undefined;
  plot: boolean;
  json: boolean;
}

/** Prints the comparison of an experiment's runs: table, headline and plot, or one JSON document. */
export function showResults(directory: string, { target, plot, json }: ResultOptions): Summary {
  const experiment = readExperiment(directory);
  const summary = summarize(experiment, target === undefined ? {} : { target });
  if (json) {
    printJson({ directory, headline: headline(summary), ...summaryJson(summary) });
  } else {
    // Without a terminal a line may have a hundred characters, as in the documentation.
    const width = process.stdout.isTTY ? process.stdout.columns : 100;
    print(comparisonText(experiment, summary, { width, color: hasColors(process.stdout), plot }));
  }
  return summary;
}
