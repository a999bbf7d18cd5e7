import type { ExperimentConfig } from '../config/schema.js';

/** One training of one optimizer. */
export interface PlannedRun {
  /** Names its folder in `runs`: the label of an experiment's run, the id of a sweep's task. */
  readonly id: string;
  /** What it is called on the screen: its label among the experiment's optimizers, in a sweep with what sets it apart. */
  readonly label: string;
  /** The experiment with this optimizer alone, re-runnable by itself. */
  readonly config: ExperimentConfig;
}

/** The runs of an experiment, the baseline first: its final loss is what the others are held against. */
export function planRuns(config: ExperimentConfig): PlannedRun[] {
  const labels = Object.keys(config.optimizers);
  return [config.baseline, ...labels.filter((label) => label !== config.baseline)].map((label) => ({
    id: label,
    label,
    config: { ...config, baseline: label, optimizers: { [label]: config.optimizers[label]! } },
  }));
}
