import type { Batch } from '../data/batches.js';
import { SoapBenchError, exitCodes } from '../errors.js';
import type { Optimizer } from '../optim/optimizer.js';
import type { TrainingProgram } from '../train/training-program.js';

/** The times of a step, in milliseconds. */
export interface TimedCall {
  /** The time on a run's training clock: drawing the batch, gradient and update. */
  readonly step_ms: number;
  readonly gradient_ms: number;
  readonly optimizer_ms: number;
  /** True if the step did the expensive work that occurs once per period. */
  readonly refreshes: boolean;
}

/** The steps to run, by number. */
export interface CallPlan {
  readonly warmUp: readonly number[];
  /** Steps to time, in whole periods. */
  readonly timed: readonly number[];
}

/** A step far beyond any start-up and a multiple of the usual periods, from which an optimizer's phases repeat. */
const settled = 25_200;
/** Steps before timing, enough to give the factors full rank, which affects the time of a decomposition. */
const settlingCalls = 10;
const fewestTimed = 20;
/** A small learning rate, so that nothing diverges. */
const learningRate = 1e-4;

/**
 * Plans the steps of a measurement: the first step of every phase in order, which computes the first bases; some steps long
 * after the start; and then the timed ones.
 * @param period Steps from refresh to refresh; 1 for an optimizer with equal steps.
 */
export function planCalls({ phaseAt }: Pick<Optimizer, 'phaseAt'>, period: number): CallPlan {
  const begin = settled - settlingCalls;
  const phases = new Map<string, number>();
  for (let call = 1; call < begin; call++) {
    const phase = phaseAt(call);
    if (!phases.has(phase)) phases.set(phase, call);
  }
  const count = Math.ceil(fewestTimed / period) * period;
  return { warmUp: [...phases.values(), ...callsFrom(begin, settlingCalls)], timed: callsFrom(settled, count) };
}

/**
 * Runs the steps of a plan and times them.
 * @param draw Returns the microbatches of a step, counted from 1.
 * @throws {SoapBenchError} `timing_failed` if the loss is not finite, which may change the time of a step.
 */
export async function timeCalls(
  program: Pick<TrainingProgram, 'step'>,
  { phaseAt }: Pick<Optimizer, 'phaseAt'>,
  { warmUp, timed }: CallPlan,
  draw: (step: number) => Batch[],
): Promise<TimedCall[]> {
  let step = 0;
  const call = async (number: number): Promise<TimedCall> => {
    const start = performance.now();
    const { loss, gradientMs, optimizerMs } = await program.step({ number, lr: learningRate }, draw(++step));
    const step_ms = performance.now() - start;
    if (!Number.isFinite(loss)) throw noNumber(loss, step);
    return { step_ms, gradient_ms: gradientMs, optimizer_ms: optimizerMs, refreshes: isRefresh(phaseAt(number)) };
  };
  for (const number of warmUp) await call(number);
  const calls: TimedCall[] = [];
  for (const number of timed) calls.push(await call(number));
  return calls;
}

/** Returns true if a phase refreshes. Every rule's phase between refreshes is `plain`; several rules are joined by `+`. */
function isRefresh(phase: string): boolean {
  return phase.split('+').some((part) => part !== 'plain');
}

function callsFrom(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

function noNumber(loss: number, step: number): SoapBenchError {
  return new SoapBenchError('timing_failed', `the loss is ${loss} at step ${step}: its time says nothing`, {
    exitCode: exitCodes.runsFailed,
    hint: 'does the setting train? `soap-bench run` shows it',
  });
}
