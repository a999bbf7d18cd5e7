import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { analyse, type Analysis } from '../analysis/analysis.js';
import { isSweep, type Sweep } from '../results/read-sweep.js';
import { labelColors } from './charts/colors.js';
import { stepTimeHeadline } from './step-times/step-time-headline.js';
import { efficiencyHeadline } from './text/efficiency-text.js';
import { headline } from './text/headline.js';
import { sweepHeadline } from './text/sweep-text.js';

/** Everything a report says of a directory. */
export interface ReportData extends Analysis {
  readonly directory: string;
  readonly isSweep: boolean;
  /** Whether nothing else has been done than to time steps. */
  readonly isTimedOnly: boolean;
  /** The result in a sentence. */
  readonly headline: string;
  /** A colour for every label. */
  readonly colors: ReadonlyMap<string, string>;
  /** config.yaml as it is in the directory. */
  readonly configYaml: string;
}

/** An experiment of a figure by its name: `360m`. */
export interface NamedReport {
  readonly name: string;
  readonly data: ReportData;
}

/**
 * Reads an experiment's or a sweep's directory, also while it is being trained.
 * @throws {SoapBenchError} `not_an_experiment` (exit code 2), `results_damaged` (6).
 */
export function readReport(directory: string): ReportData {
  const analysis = analyse(directory);
  const { sweep, stepTimes } = analysis;
  const begun = [...sweep.runs, ...sweep.tunings.flatMap(({ tried }) => tried)].filter(({ run }) => run.status);
  const isTimedOnly = stepTimes.length > 0 && begun.length === 0;
  return {
    ...analysis,
    directory,
    isSweep: isSweep(directory),
    isTimedOnly,
    headline: isTimedOnly ? stepTimeHeadline(analysis) : trainedHeadline(analysis),
    colors: colorsOf(sweep),
    configYaml: readFileSync(join(directory, 'config.yaml'), 'utf8'),
  };
}

function trainedHeadline({ experiment, efficiency, summary }: Analysis): string {
  if (experiment !== undefined) return headline(experiment);
  return efficiencyHeadline(efficiency) ?? sweepHeadline(summary);
}

/** Also of labels for which nothing is chosen yet. */
function colorsOf({ runs, tunings }: Sweep): Map<string, string> {
  const tuned = tunings.map(
    ({ label, templates }) => [label, templates[0]!.config.optimizers[label]!.optimizer] as const,
  );
  const compared = runs.map(({ optimizer, config }) => [optimizer, config.optimizers[optimizer]!.optimizer] as const);
  return labelColors([...compared, ...tuned]);
}
