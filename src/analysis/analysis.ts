import { readExperiment, type Experiment } from '../results/read.js';
import { isSweep, readSweep, type Sweep } from '../results/read-sweep.js';
import type { StepTimeRow } from '../results/step-time-row.js';
import { readStepTimes } from '../results/step-times-csv.js';
import { efficiencyOf, type EfficiencyRow } from './efficiency/efficiency.js';
import { summarize, type Summary } from './summary.js';
import { summarizeSweep, type SweepSummary } from './sweep-summary.js';

/** What is known of the trainings of a folder, in numbers. An experiment is a sweep with one setting a label. */
export interface Analysis {
  readonly sweep: Sweep;
  readonly summary: SweepSummary;
  /** The paired table of an experiment; a sweep has none. */
  readonly experiment: Summary | undefined;
  readonly efficiency: readonly EfficiencyRow[];
  /** What was timed apart from training. */
  readonly stepTimes: readonly StepTimeRow[];
}

/**
 * Reads a folder, also while it is being trained, and computes what follows from its runs.
 * @throws {SoapBenchError} `not_an_experiment` (exit code 2), `results_damaged` (6).
 */
export function analyse(directory: string): Analysis {
  const experiment = isSweep(directory) ? undefined : readExperiment(directory);
  const sweep = experiment === undefined ? readSweep(directory) : asSweep(experiment);
  return {
    sweep,
    summary: summarizeSweep(sweep),
    experiment: experiment && summarize(experiment),
    efficiency: efficiencyOf(sweep),
    stepTimes: readStepTimes(directory),
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
