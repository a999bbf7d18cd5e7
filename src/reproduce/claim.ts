/**
 * Where a claim stands, and how we know: `text` is in the paper's own text, `second_hand` is what others report of parts
 * of the paper that we have not read ourselves.
 */
export interface ClaimSource {
  /** `abstract`, `section 6.3`, `caption of figure 4`. */
  readonly where: string;
  readonly grade: 'text' | 'second_hand';
}

/** Something that the paper says, in our own words. */
export interface Claim {
  readonly text: string;
  readonly source: ClaimSource;
  /** What is to be held against measurements; left out where nothing can be. */
  readonly about?: ClaimNumber;
}

/** Labels among the optimizers of the figure's experiments. */
interface Compared {
  readonly optimizer: string;
  readonly baseline: string;
}

/** What a claim says in numbers. Where `at_most` and `at_least` are missing, the paper gives no bound. */
export type ClaimNumber = RatioClaim | LossClaim | LossIncreaseClaim | StepTimeClaim | MemoryClaim;

/** What `optimizer` needs over what `baseline` needs for the baseline's final loss. */
export interface RatioClaim extends Compared {
  readonly measure: 'iterations' | 'time';
  readonly at_most: number;
  /** The paper says "approximately" or "around". */
  readonly approximate?: true;
  /** Of several batch sizes the one that is spoken of; left out, all of them, each by itself. */
  readonly batch?: 'smallest';
}

/** The final loss of `optimizer` less that of `baseline`, nats a token. */
export interface LossClaim extends Compared {
  readonly measure: 'final_loss';
  readonly at_most?: number;
  /** The dotted key of an option whose values are compared one by one. */
  readonly each?: string;
  /** Only at this refresh frequency. */
  readonly precondition_frequency?: number;
  /** Final losses that the paper gives, of the optimizer and of the baseline. */
  readonly paper?: readonly [optimizer: number, baseline: number];
}

/** By how much the final loss rises between two refresh frequencies: `optimizer`'s rise less that of `baseline`. */
export interface LossIncreaseClaim extends Compared {
  readonly measure: 'loss_increase';
  readonly from: number;
  readonly to: number;
  readonly at_most: number;
}

/** The time of a step of `optimizer` over that of `baseline`. */
export interface StepTimeClaim extends Compared {
  readonly measure: 'step_time';
  /** `plain`: of steps without a refresh. `falls`: it falls as refreshes become rarer. */
  readonly at: 'plain' | 'falls';
  readonly at_least: number;
}

/** Floats that `optimizer` holds for weights' gradients and its own state over those of `baseline`. */
export interface MemoryClaim extends Compared {
  readonly measure: 'memory';
  readonly at_most: number;
}
