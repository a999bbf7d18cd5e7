import type { LoopOutcome } from '../train/loop.js';

/** status.json of a run: where it stands. */
export interface RunStatus {
  readonly state: 'running' | 'failed' | LoopOutcome['state'];
  /** Updates made so far. */
  readonly step: number;
  readonly steps: number;
  /** Why it ended before its last step. */
  readonly message?: string | undefined;
  readonly parameters?: number | undefined;
  readonly non_embedding_parameters?: number | undefined;
  /** Optimizer state, float32, without weights and gradients. */
  readonly state_bytes?: number | undefined;
  /** The same by the SOAP paper's formulas; left out where it has none. */
  readonly paper_state_bytes?: number | undefined;
  /** Floating-point operations of an optimizer step, refreshes spread over the steps between them. */
  readonly optimizer_flops?: number | undefined;
  /** What an optimizer step takes beyond AdamW, counted and by the paper's formulas. */
  readonly flops_over_adamw?: number | undefined;
  readonly paper_flops_over_adamw?: number | undefined;
  /** Whether other runs were trained beside it for some of its time: its times are then no measure. */
  readonly shared_machine?: boolean | undefined;
  /** Steps of the checkpoints that the run went on from, each time it did. */
  readonly resumed_from?: readonly number[] | undefined;
  readonly pid?: number | undefined;
  readonly started_at: string;
  readonly ended_at?: string | undefined;
}

/** Whether there is nothing left to train: the same steps would end the same way. */
export function hasEnded({ state }: RunStatus): boolean {
  return state === 'finished' || state === 'stopped_at_target' || state === 'diverged';
}
