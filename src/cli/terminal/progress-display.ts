import type { EvaluationRow, StepRow } from '../../train/rows.js';

/** A run that is to be shown. */
export interface DisplayedRun {
  readonly label: string;
  readonly steps: number;
  readonly batchTokens: number;
}

/** Shows how runs get on. */
export interface ProgressDisplay {
  /** A process is about to be started. */
  start(label: string): void;
  step(label: string, row: StepRow): void;
  evaluation(label: string, row: EvaluationRow): void;
  /** `ending` says how the run ended, in a word or two. */
  end(label: string, ending: string): void;
  /** A line that is to stay. */
  say(line: string): void;
  /** Leaves the screen as it is. */
  close(): void;
}
