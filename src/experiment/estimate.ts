import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { warmupKeys } from '../config/describe.js';
import type { RunConfig } from '../config/run-config.js';
import { optimizers as table } from '../optim/registry.js';
import type { PreparedData } from '../data/prepare.js';
import { modelParameters, parameterCounts } from '../model/parameters.js';
import { mean } from '../statistics/mean.js';
import { RunDirectory } from '../results/directory.js';
import { readRun } from '../results/read-run.js';
import { temporaryFolder } from '../files/temporary-folder.js';
import { runInChild } from './child-run.js';
import { taskId } from '../config/digest.js';

/** What a training costs, measured. All in seconds. */
export interface MeasuredCost {
  /** Until the first step: loading the engine, compiling. */
  readonly startup_s: number;
  readonly step_s: number;
  readonly evaluation_s: number;
}

// The first steps prepare what the others use; ten more hold a refresh of the usual frequency.
const unmeasuredSteps = 2;
const measuredSteps = 10;

/** The configuration of a training that is just long enough to be measured. Equal ones cost the same. */
export function measurement(config: RunConfig): RunConfig {
  const steps = unmeasuredSteps + measuredSteps;
  const schedule = { name: 'constant', warmup_steps: 0 } as const;
  const train = { ...config.train, steps, eval_every: steps, log_every: 1, stop_at_target: false, schedule };
  // A warm-up costs nothing, and may be longer than these few steps.
  const warmups = warmupKeys(table[config.optimizer].options).map((key): [string, number] => [key, 0]);
  const options: RunConfig['options'] = { ...config.options, lr: 1e-4, ...Object.fromEntries(warmups) };
  return { ...config, seed: 0, train, options };
}

/** Operations of a measurement beyond which it is not begun: it would take minutes on a CPU, and all of its memory. */
const mostOperations = 1e13;

/**
 * Floating-point operations of the model in one step, forward and backward: six a token for every weight of a matrix but
 * the embedding's, without attention.
 */
export function modelOperations({ model, train }: RunConfig, vocabSize: number): number {
  const weights = modelParameters(model, vocabSize).filter(({ role }) => role === 'matrix' || role === 'head');
  return 6 * parameterCounts(weights).total * train.batch_tokens;
}

/** Whether a few steps of a training are short enough to be taken here and now. */
export function isMeasurable(config: RunConfig, vocabSize: number): boolean {
  return (unmeasuredSteps + measuredSteps) * modelOperations(config, vocabSize) <= mostOperations;
}

/** Names what costs the same. */
export function costKey(config: RunConfig): string {
  return taskId(measurement(config));
}

/**
 * Trains a few steps in a temporary folder.
 * @param jobs With as many threads as when so many are trained at once.
 * @returns Undefined when they did not come to their end.
 */
export async function measureCost(
  config: RunConfig,
  data: PreparedData,
  signal: AbortSignal,
  jobs: number,
): Promise<MeasuredCost | undefined> {
  const folder = temporaryFolder('measure');
  try {
    const start = performance.now();
    const directory = new RunDirectory(join(folder, 'run'));
    directory.create(measurement(config), data.manifest);
    const outcome = await runInChild(directory, { dataset: data.folder, jobs }, () => undefined, signal);
    const total_s = (performance.now() - start) / 1000;
    const { metrics, evaluations } = readRun(directory.path);
    const [step, evaluation] = [metrics.at(-1), evaluations.at(-1)];
    if (outcome.kind === 'error' || outcome.state !== 'finished' || !step || !evaluation) return undefined;
    return {
      startup_s: total_s - step.train_time_s - evaluation.eval_time_s,
      step_s: mean(metrics.slice(unmeasuredSteps).map(({ step_ms }) => step_ms)) / 1000,
      evaluation_s: evaluation.eval_time_s / evaluations.length,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Seconds that a whole training takes at this cost. */
export function trainingSeconds({ train }: RunConfig, cost: MeasuredCost): number {
  const evaluations = 1 + Math.ceil(train.steps / train.eval_every);
  return cost.startup_s + train.steps * cost.step_s + evaluations * cost.evaluation_s;
}

/** Seconds until the last of these trainings has ended, when they are begun in turn, so many at once. */
export function makespan(seconds: readonly number[], jobs: number): number {
  const busyUntil = Array.from({ length: jobs }, () => 0);
  for (const duration of seconds) {
    const free = busyUntil.indexOf(Math.min(...busyUntil));
    busyUntil[free] = busyUntil[free]! + duration;
  }
  return Math.max(...busyUntil);
}
