/** What a measurement was made with, and when. */
export interface MeasuredWith {
  /** What computed, and its version. */
  readonly engine: string;
  readonly device: string;
  readonly threads: number;
  readonly cpu: string;
  readonly cores: number;
  /** Of soap-bench, `+changes` when files differ from it; empty outside of a checkout. */
  readonly commit: string;
  readonly measured_at: string;
}

/** A row of step_times.csv. Times are milliseconds; NaN is what a setting has not got. docs/outputs.md says more. */
export interface StepTimeRow extends MeasuredWith {
  /** Stands for everything that can change the time of a step. */
  readonly key: string;
  readonly setting: string;
  readonly label: string;
  readonly optimizer: string;
  readonly precondition_frequency: number;
  readonly batch_tokens: number;
  readonly precision: string;
  readonly parameters: number;
  readonly optimizer_state_bytes: number;
  /** By the paper's formulas, without the gradient. */
  readonly paper_state_bytes: number;
  /** The most that the process held in any round. */
  readonly peak_rss_bytes: number;
  readonly rounds: number;
  /** Timed steps of a round, whole periods. */
  readonly steps: number;
  /** The median over the rounds, the fastest and the slowest of them. */
  readonly step_ms_mean: number;
  readonly step_ms_low: number;
  readonly step_ms_high: number;
  /** Of steps without refresh. */
  readonly step_ms_median: number;
  /** What a refresh adds to such a step. */
  readonly refresh_ms: number;
  readonly gradient_ms: number;
  readonly optimizer_ms: number;
  readonly tokens_per_s: number;
  /** Floating-point operations of a step's matrix products, counted in the graphs that ran. */
  readonly gradient_graph_flops: number;
  readonly optimizer_graph_flops: number;
  /** Of an optimizer step, counted kernel by kernel; of these, decompositions; what AdamW would not take; the paper's. */
  readonly optimizer_flops: number;
  readonly decomposition_flops: number;
  readonly flops_over_adamw: number;
  readonly paper_flops_over_adamw: number;
  /** Largest share of all processors' time that others took in a round, 0 to 1. */
  readonly busy: number;
  /** `step_ms_mean` and `step_ms_median` of every round, in their order. */
  readonly round_ms: readonly number[];
  readonly round_median_ms: readonly number[];
}
