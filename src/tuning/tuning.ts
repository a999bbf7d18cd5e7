import type { Choice } from '../config/sweep/expand.js';
import type { RunConfig } from '../config/run-config.js';
import type { TuneRequest } from '../config/sweep/tune-block.js';

/** The options of an optimizer that are chosen by the final validation loss. */
export interface Tuning extends TuneRequest {
  /** The label of the optimizer. */
  readonly label: string;
  /** The choices that distinguish this tuning from others of its label. */
  readonly choices: readonly Choice[];
  /** A configuration for every budget and seed. Its values of the tuned options do not matter. */
  readonly templates: readonly Template[];
}

export interface Template {
  /** The number of steps as a choice, if the experiment has several budgets. */
  readonly budget: readonly Choice[];
  readonly seed: number;
  readonly config: RunConfig;
}

/** Values of the tuned options. Missing ones keep the template's value. */
export type Values = Readonly<Record<string, unknown>>;

/** Values to try, with the tuning's seed. */
export interface Trial {
  readonly values: Values;
  /** Length in steps. */
  readonly budget: number;
  readonly stage: string;
}

/** A winning value at the edge of those tried. The best value may be beyond it. */
export interface Edge {
  readonly key: string;
  readonly side: 'smallest' | 'largest';
}

/** The chosen values for a budget. */
export interface Winner {
  readonly values: Values;
  /** The budget of its trial in steps, which may differ from the budget that it is chosen for. */
  readonly budget: number;
  /** The final validation loss of its trial, in nats per token. */
  readonly loss: number;
  readonly edges: readonly Edge[];
}

/** The status of a tuning. */
export interface Decision {
  /** All trials in the order of the requests. */
  readonly trials: readonly Trial[];
  /** Winners by budget in steps; undefined until all trials are known. A budget without a successful trial is missing. */
  readonly winners: ReadonlyMap<number, Winner> | undefined;
}

/** The evidence for a decision. */
export interface Evidence {
  /** The final validation loss; Infinity if the trial diverged or failed, undefined while it is unknown. */
  lossOf(values: Values, budget: number): number | undefined;
  /** Returns true if the optimizer admits these values. */
  admits(values: Values): boolean;
}
