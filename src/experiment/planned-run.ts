import type { RunConfig } from '../config/run-config.js';

/** A run of one optimizer that is to be trained. */
export interface PlannedRun {
  /** The name of its folder in `runs`: the label of an experiment's run, the id of a sweep's task. */
  readonly id: string;
  /** What it is called on the screen: its label among the experiment's optimizers, in a sweep with what sets it apart. */
  readonly label: string;
  /** The experiment with this optimizer alone, re-runnable by itself. */
  readonly config: RunConfig;
}
