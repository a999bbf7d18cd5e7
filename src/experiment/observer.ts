import type { RunMessage } from '../run/messages.js';
import type { ChildOutcome } from './child-run.js';
import type { PlannedRun } from './planned-run.js';
import type { ExperimentPlan, Round } from './rounds.js';

/**
 * Is told how a training goes. Every method may be left out, and nobody waits for what one returns. What one throws stops
 * the training after the current steps, and is thrown to whoever asked for it.
 */
export interface TrainingObserver {
  /** A sentence about what happens. */
  note?(text: string): void;
  /** A sentence about what went wrong or puts results in doubt, and what can be done about it. */
  warn?(text: string, hint?: string): void;
  /** It is decided what is trained next: once, and with tunings again after every round. */
  roundPlanned?(round: PlannedRound): void;
  /** These runs are about to be trained, in this order. */
  runsStarted?(runs: readonly PlannedRun[]): void;
  /** A run's process is about to be started, which happens again after a crash. */
  runStarted?(run: PlannedRun): void;
  /** A run's process reports its engine, a step, an evaluation, … */
  message?(run: PlannedRun, message: RunMessage): void;
  runEnded?(run: PlannedRun, outcome: ChildOutcome): void;
  /** None of the runs that were started together is trained any more. */
  runsEnded?(): void;
}

/** What is trained next, and what is known of the whole by now. */
export interface PlannedRound extends Round {
  readonly plan: ExperimentPlan;
  /** From 1. */
  readonly number: number;
  /** What is to be trained now. */
  readonly pending: readonly PlannedRun[];
}
