import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { efficiencyOf, type EfficiencyRow } from '../analysis/efficiency/efficiency.js';
import { efficiencyHeadline } from './text/efficiency-text.js';
import { readExperiment, type Experiment } from '../results/read.js';
import { isSweep, readSweep, type Sweep } from '../results/read-sweep.js';
import type { StepTimeRow } from '../results/step-time-row.js';
import { readStepTimes } from '../results/step-times-csv.js';
import { labelColors } from './charts/colors.js';
import { headline } from './text/headline.js';
import { stepTimeHeadline } from './step-times/step-time-headline.js';
import { summarize } from '../analysis/summary.js';
import { summarizeSweep, type SweepSummary } from '../analysis/sweep-summary.js';
import { sweepHeadline } from './text/sweep-text.js';

/** Everything a report says of a directory, in numbers. An experiment is a sweep with one setting a label. */
export interface ReportData {
  readonly directory: string;
  readonly isSweep: boolean;
  readonly sweep: Sweep;
  readonly summary: SweepSummary;
  readonly efficiency: readonly EfficiencyRow[];
  /** What was timed apart from training. */
  readonly stepTimes: readonly StepTimeRow[];
  /** Whether nothing else has been done. */
  readonly isTimedOnly: boolean;
  /** The result in a sentence. */
  readonly headline: string;
  /** A colour for every label. */
  readonly colors: ReadonlyMap<string, string>;
  /** config.yaml as it is in the directory. */
  readonly configYaml: string;
}

/**
 * Reads an experiment's or a sweep's directory, also while it is being trained.
 * @throws {SoapBenchError} `not_an_experiment` (exit code 2), `results_damaged` (6).
 */
export function readReport(directory: string): ReportData {
  const swept = isSweep(directory);
  const experiment = swept ? undefined : readExperiment(directory);
  const sweep = experiment === undefined ? readSweep(directory) : asSweep(experiment);
  const summary = summarizeSweep(sweep);
  const efficiency = efficiencyOf(sweep);
  const stepTimes = readStepTimes(directory);
  const begun = [...sweep.runs, ...sweep.tunings.flatMap(({ tried }) => tried)].filter(({ run }) => run.status);
  const isTimedOnly = stepTimes.length > 0 && begun.length === 0;
  const sentence = isTimedOnly
    ? stepTimeHeadline({ stepTimes, sweep })
    : experiment === undefined
      ? (efficiencyHeadline(efficiency) ?? sweepHeadline(summary))
      : headline(summarize(experiment));
  return {
    directory,
    isSweep: swept,
    sweep,
    summary,
    efficiency,
    stepTimes,
    isTimedOnly,
    headline: sentence,
    colors: colorsOf(sweep),
    configYaml: readFileSync(join(directory, 'config.yaml'), 'utf8'),
  };
}

function asSweep({ directory, config, runs }: Experiment): Sweep {
  const swept = runs.map((run) => ({
    id: run.label,
    optimizer: run.label,
    choices: [],
    seed: config.seed,
    config: { ...config, baseline: run.label, optimizers: { [run.label]: config.optimizers[run.label]! } },
    run,
  }));
  return { directory, name: config.name, baseline: config.baseline, runs: swept, tunings: [] };
}

/** Also of labels for which nothing is chosen yet. */
function colorsOf({ runs, tunings }: Sweep): Map<string, string> {
  const tuned = tunings.map(
    ({ label, templates }) => [label, templates[0]!.config.optimizers[label]!.optimizer] as const,
  );
  const compared = runs.map(({ optimizer, config }) => [optimizer, config.optimizers[optimizer]!.optimizer] as const);
  return labelColors([...compared, ...tuned]);
}
