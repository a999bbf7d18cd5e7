import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { analyse, type Analysis } from '../analysis/analysis.js';
import { readStudy, type Study } from '../results/study.js';
import { labelColors } from './charts/colors.js';
import { stepTimeHeadline } from './step-times/step-time-headline.js';
import { efficiencyHeadline } from './text/efficiency-text.js';
import { studyHeadline } from './text/study-text.js';

/** Everything a report says of a directory. */
export interface ReportData extends Analysis {
  readonly directory: string;
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
  const analysis = analyse(readStudy(directory));
  const { study } = analysis;
  const begun = [...study.runs, ...study.tunings.flatMap(({ tried }) => tried)].filter(({ run }) => run.status);
  const isTimedOnly = study.stepTimes.length > 0 && begun.length === 0;
  return {
    ...analysis,
    directory,
    isTimedOnly,
    headline: isTimedOnly
      ? stepTimeHeadline(analysis)
      : (efficiencyHeadline(analysis.efficiency) ?? studyHeadline(analysis)),
    colors: colorsOf(study),
    configYaml: readFileSync(join(directory, 'config.yaml'), 'utf8'),
  };
}

/** Also of labels for which nothing is chosen yet. */
function colorsOf({ runs, tunings }: Study): Map<string, string> {
  const tuned = tunings.map(({ label, templates }) => [label, templates[0]!.config.optimizer] as const);
  const compared = runs.map(({ optimizer, config }) => [optimizer, config.optimizer] as const);
  return labelColors([...compared, ...tuned]);
}
