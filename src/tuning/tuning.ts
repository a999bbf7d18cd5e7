import type { Choice } from '../config/sweep/expand.js';
import type { ExperimentConfig } from '../config/schema.js';
import type { TuneRequest } from '../config/sweep/tune-block.js';

/** Options of an optimizer that are to be chosen by the final validation loss. */
export interface Tuning extends TuneRequest {
  /** The label among the experiment's optimizers. */
  readonly label: string;
  /** What sets this tuning of the label apart from its others. */
  readonly choices: readonly Choice[];
  /** A configuration for every budget and seed that is compared, with any values of the options. */
  readonly templates: readonly Template[];
}

export interface Template {
  /** Its steps, as a choice where the experiment has several. */
  readonly budget: readonly Choice[];
  readonly seed: number;
  readonly config: ExperimentConfig;
}

/** A value for each of the options that are tuned; those left out keep the template's. */
export type Values = Readonly<Record<string, unknown>>;

/** Values to try with the tuning's seed. */
export interface Trial {
  readonly values: Values;
  /** In steps. */
  readonly budget: number;
  readonly stage: string;
}

/** A winner's value that is the smallest or the largest of those tried: the best one may lie beyond. */
export interface Edge {
  readonly key: string;
  readonly side: 'smallest' | 'largest';
}

/** What was chosen for a budget. */
export interface Winner {
  readonly values: Values;
  /** With which it was tried, in steps; not always the one that it was chosen for. */
  readonly budget: number;
  /** The final validation loss that it was chosen for, in nats a token. */
  readonly loss: number;
  readonly edges: readonly Edge[];
}

/** How far a tuning has come. */
export interface Decision {
  /** In the order in which they were asked for. */
  readonly trials: readonly Trial[];
  /** By budget, in steps; undefined until every trial is known. A budget with which nothing trained is missing. */
  readonly winners: ReadonlyMap<number, Winner> | undefined;
}

/** What a decision is made on. */
export interface Evidence {
  /** The final validation loss, Infinity for a training that diverged or failed; undefined while it is not known. */
  lossOf(values: Values, budget: number): number | undefined;
  /** Whether an optimizer takes these values. */
  admits(values: Values): boolean;
}
