import type { Batch } from '../data/batches.js';
import { SoapBenchError, exitCodes } from '../errors.js';
import type { Optimizer } from '../optim/optimizer.js';
import type { TrainingProgram } from '../train/training-program.js';

/** What an optimizer call took, in milliseconds. */
export interface TimedCall {
  /** Drawing the batch, gradient, update: what a run's training clock counts. */
  readonly step_ms: number;
  readonly gradient_ms: number;
  readonly optimizer_ms: number;
  /** Whether it did the expensive work that comes once a period. */
  readonly refreshes: boolean;
}

/** Which calls are made, by their numbers. */
export interface CallPlan {
  readonly warmUp: readonly number[];
  /** Whole periods. */
  readonly timed: readonly number[];
}

/** Long after every start, and a multiple of the usual periods: from here on an optimizer's phases repeat. */
const settled = 25_200;
/** Enough gradients for the factors of a matrix to have a full rank, on which the time of a decomposition depends. */
const settlingCalls = 10;
const fewestTimed = 20;
/** Nothing is to be learnt, and nothing may diverge. */
const learningRate = 1e-4;

/**
 * The calls that tell how long a step takes: the first call of every phase, in their order, which makes the first bases;
 * some calls long after the start; and after these the timed ones.
 * @param period Calls from refresh to refresh; 1 for an optimizer that does the same at every call.
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
 * Makes the calls of a plan and times those that are to be timed.
 * @param draw The microbatches of a step, counted from 1.
 * @throws {SoapBenchError} `timing_failed` when the loss is no number: such steps may take another time.
 */
export async function timeCalls(
  program: Pick<TrainingProgram, 'call'>,
  { phaseAt }: Pick<Optimizer, 'phaseAt'>,
  { warmUp, timed }: CallPlan,
  draw: (step: number) => Batch[],
): Promise<TimedCall[]> {
  let step = 0;
  const call = async (number: number): Promise<TimedCall> => {
    const start = performance.now();
    const { loss, gradientMs, optimizerMs } = await program.call({ number, lr: learningRate }, draw(++step));
    const step_ms = performance.now() - start;
    if (!Number.isFinite(loss)) throw noNumber(loss, step);
    return { step_ms, gradient_ms: gradientMs, optimizer_ms: optimizerMs, refreshes: isRefresh(phaseAt(number)) };
  };
  for (const number of warmUp) await call(number);
  const calls: TimedCall[] = [];
  for (const number of timed) calls.push(await call(number));
  return calls;
}

/** Every optimizer calls what it does between two refreshes `plain`; where several rules work side by side, each has a part. */
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
