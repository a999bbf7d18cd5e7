import { setImmediate } from 'node:timers/promises';
import { memory } from '@tensorflow/tfjs-core';
import { evalBatches, trainBatch, type Batch } from '../data/batches.js';
import type { Tokens } from '../data/tokens.js';
import { scheduleFactor, type Schedule } from '../optim/schedule.js';
import { Clock } from './clock.js';
import { RefreshFailures, type RefreshCounts } from './refresh-failures.js';
import type { EvaluationRow, StepRow } from './rows.js';
import type { TrainingProgram } from './training-program.js';

/** Options of the loop, with the keys of the YAML. */
export interface LoopOptions {
  readonly seed: number;
  readonly context: number;
  readonly shuffle: boolean;
  readonly lr: number;
  readonly train: {
    readonly steps: number;
    readonly batch_tokens: number;
    readonly microbatch_tokens: number;
    readonly eval_every: number;
    readonly eval_tokens: number;
    readonly log_every: number;
    readonly schedule: Schedule;
    readonly max_loss: number | null;
    readonly checkpoint_every: number | null;
  };
  /** Steps in a row in which refreshes may fail; null if nothing is refreshed. */
  readonly maxRefreshFailures: number | null;
  /** Advice for the user if refreshes fail; null if there is none. */
  readonly refreshAdvice: string | null;
  /** The validation loss at which the run ends; null to train all steps. */
  readonly stopAt: number | null;
}

/** Options that decide which tokens a step uses. */
type BatchOptions = Pick<LoopOptions, 'seed' | 'context' | 'shuffle'> & {
  readonly train: Pick<LoopOptions['train'], 'batch_tokens' | 'microbatch_tokens'>;
};

/** The receiver of the loop's rows. */
export interface LoopSink {
  /** Called after every step. `logged` is true every `log_every` steps. */
  step(row: StepRow, logged: boolean): void;
  evaluation(row: EvaluationRow): void;
  /** Called with a warning that does not end the run. */
  warning(line: string): void;
  /**
   * Called between two steps, every `checkpoint_every` steps and at the end, unless the run diverged. `position`, the weights
   * and the optimizer's state are all that is needed to resume.
   */
  checkpoint(position: LoopPosition): Promise<void>;
}

/** The position of a loop between two steps. */
export interface LoopPosition {
  /** Completed steps. */
  readonly step: number;
  readonly train_time_s: number;
  readonly eval_time_s: number;
  readonly refresh_failures: RefreshCounts;
  /** The outcome of the loop; undefined while it is incomplete. */
  readonly outcome?: CompleteOutcome | undefined;
}

export interface LoopOutcome {
  readonly state: 'finished' | 'stopped_at_target' | 'diverged' | 'interrupted';
  /** Completed steps. */
  readonly step: number;
  /** The reason why the run ended before its last step. */
  readonly message?: string | undefined;
}

/** The outcome of a loop that has nothing left to train. */
export interface CompleteOutcome extends LoopOutcome {
  readonly state: 'finished' | 'stopped_at_target';
}

/**
 * Trains until the last step, until the loss diverges or reaches `stopAt`, or until `signal` aborts. Evaluation and
 * checkpoints do not count as training time.
 * @param from The position of an earlier loop whose weights and state the program holds. Rows continue after that step.
 */
export async function trainLoop(
  program: Pick<TrainingProgram, 'step' | 'evaluate' | 'inspect'>,
  tokens: { train: Tokens; val: Tokens },
  options: LoopOptions,
  sink: LoopSink,
  signal: AbortSignal,
  from?: LoopPosition,
): Promise<LoopOutcome> {
  if (from?.outcome) return from.outcome;
  const { train, lr } = options;
  const training = new Clock(from?.train_time_s);
  const evaluating = new Clock(from?.eval_time_s);
  const validation = evalBatches(tokens.val, {
    context: options.context,
    sequences: train.microbatch_tokens / options.context,
    tokens: train.eval_tokens,
  });
  const evaluate = async (step: number): Promise<number> => {
    const { loss, bases } = await evaluating.measure(async () => ({
      loss: await program.evaluate(validation),
      bases: await program.inspect(step),
    }));
    sink.evaluation({
      split: 'val',
      loss,
      ...progressAt(step, train.batch_tokens, training, evaluating),
      ...(bases ?? { basis_error: NaN, off_diagonal_share: NaN, smallest_eigenvalue: NaN }),
    });
    return loss;
  };
  const refreshes = new RefreshFailures(options, from?.refresh_failures);
  let saved = from?.step;
  const save = async (step: number, outcome?: CompleteOutcome): Promise<void> => {
    const clocks = { train_time_s: training.seconds, eval_time_s: evaluating.seconds };
    await sink.checkpoint({ step, ...clocks, refresh_failures: refreshes.counts, outcome });
    saved = step;
  };
  const end = async (outcome: CompleteOutcome): Promise<LoopOutcome> => {
    await save(outcome.step, outcome);
    return outcome;
  };

  if (!from) await evaluate(0);
  for (let step = (from?.step ?? 0) + 1; step <= train.steps; step++) {
    // Engines block the event loop. Without a turn, no signal or message would arrive.
    await setImmediate();
    if (signal.aborted) {
      if (saved !== step - 1) await save(step - 1);
      return { state: 'interrupted', step: step - 1 };
    }
    const scheduled = { number: step, lr: lr * scheduleFactor(train.schedule, step, train.steps) };
    const before = training.seconds;
    const report = await training.measure(() => program.step(scheduled, microbatches(tokens.train, options, step)));
    const warning = refreshes.count(step, report.refreshFailures);
    if (warning !== undefined) sink.warning(warning);
    const row: StepRow = {
      split: 'train',
      loss: report.loss,
      lr: report.lr,
      grad_norm: report.gradNorm,
      update_norm: report.updateNorm,
      step_ms: (training.seconds - before) * 1000,
      optimizer_share: report.optimizerMs / (report.gradientMs + report.optimizerMs),
      refresh_failures: refreshes.total,
      tensors: memory().numTensors,
      rss_bytes: process.memoryUsage.rss(),
      ...progressAt(step, train.batch_tokens, training, evaluating),
    };
    const problem = divergence(row, train.max_loss) ?? refreshes.problem;
    sink.step(row, step % train.log_every === 0 || step === train.steps || problem !== undefined);
    if (problem !== undefined) return { state: 'diverged', step, message: problem };

    if (step % train.eval_every === 0 || step === train.steps) {
      const loss = await evaluate(step);
      if (!Number.isFinite(loss)) return { state: 'diverged', step, message: `validation loss is ${loss}` };
      if (options.stopAt !== null && loss <= options.stopAt) {
        return end({ state: 'stopped_at_target', step, message: `reached ${options.stopAt}` });
      }
    }
    if (train.checkpoint_every !== null && step % train.checkpoint_every === 0 && step < train.steps) await save(step);
  }
  return end({ state: 'finished', step: train.steps });
}

/** Returns the microbatches of a step. They depend only on seed and step, so all optimizers see the same ones. */
export function microbatches(tokens: Tokens, { seed, context, shuffle, train }: BatchOptions, step: number): Batch[] {
  const count = train.batch_tokens / train.microbatch_tokens;
  const sequences = train.microbatch_tokens / context;
  return Array.from({ length: count }, (_, i) =>
    trainBatch(tokens, { seed, step: (step - 1) * count + i, sequences, context, shuffle }),
  );
}

function progressAt(step: number, batchTokens: number, training: Clock, evaluating: Clock) {
  return {
    step,
    tokens: step * batchTokens,
    train_time_s: training.seconds,
    eval_time_s: evaluating.seconds,
  };
}

/** Returns the reason why a step counts as diverged, or undefined. */
function divergence({ step, loss, grad_norm, update_norm }: StepRow, maxLoss: number | null): string | undefined {
  if (!Number.isFinite(loss)) return `loss is ${loss} at step ${step}`;
  if (!Number.isFinite(grad_norm)) return `the gradient's norm is ${grad_norm} at step ${step}`;
  if (!Number.isFinite(update_norm)) return `the update's norm is ${update_norm} at step ${step}`;
  if (maxLoss !== null && loss > maxLoss)
    return `loss ${loss.toFixed(3)} at step ${step} is above train.max_loss ${maxLoss}`;
  return undefined;
}
