import type { OptimizerName } from '../optim/registry.js';
import type { ExperimentConfig, SharedConfig } from './schema.js';

/** The options of an optimizer; `createOptimizer` types them when it checks them. */
export interface OptimizerOptions {
  readonly lr: number;
  readonly [option: string]: unknown;
}

/** The complete configuration of a single run. In files it is an experiment with one optimizer: {@link asExperiment}. */
export interface RunConfig extends SharedConfig {
  /** The label in its experiment. */
  label: string;
  optimizer: OptimizerName;
  options: OptimizerOptions;
}

/** The runs of an experiment, one a label, in the order of its labels. */
export function runConfigs(experiment: ExperimentConfig): RunConfig[] {
  const { name, seed, engine, threads, compile, precision, xla, tensorboard, model, data, train, target } = experiment;
  const shared = { name, seed, engine, threads, compile, precision, xla, tensorboard, model, data, train, target };
  return Object.entries(experiment.optimizers).map(([label, { optimizer, ...options }]) => {
    return { ...shared, label, optimizer, options };
  });
}

/**
 * The run of an experiment that has a single optimizer.
 * @throws {Error} When it has several.
 */
export function onlyRun(experiment: ExperimentConfig): RunConfig {
  const [run, ...others] = runConfigs(experiment);
  if (run === undefined || others.length > 0) {
    throw new Error(`found the optimizers ${Object.keys(experiment.optimizers).join(', ')}, expected a single one`);
  }
  return run;
}

/** A run as its config.yaml and tasks.json have it: an experiment that can be run by itself. */
export function asExperiment({ label, optimizer, options, target, ...shared }: RunConfig): ExperimentConfig {
  return { ...shared, baseline: label, target, optimizers: { [label]: { optimizer, ...options } } };
}
