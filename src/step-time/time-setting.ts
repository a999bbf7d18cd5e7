import type { RunConfig } from '../config/run-config.js';
import { openPrepared } from '../data/prepare.js';
import type { Work } from '../engine/engine.js';
import { parameterCounts } from '../model/parameters.js';
import type { CostRow } from '../optim/cost/rows.js';
import type { MeasuredWith } from '../results/step-time-row.js';
import { commitText, describeEnvironment } from '../results/environment.js';
import { watchOthers } from '../run/others-share.js';
import { planOpening } from '../run/open-program.js';
import { openTraining } from '../run/open-training.js';
import { microbatches } from '../train/loop.js';
import type { TrainingProgram } from '../train/training-program.js';
import { planCalls, timeCalls, type TimedCall } from './timed-calls.js';

/** A request to time a configuration with a single optimizer on prepared tokens. */
export interface TimingRequest {
  readonly config: RunConfig;
  readonly dataset: string;
}

/** The measurement of a setting by one process. */
export interface TimedRound extends MeasuredWith {
  readonly calls: readonly TimedCall[];
  /** Share of all processors' time that other processes used meanwhile, from 0 to 1. */
  readonly busy: number;
  readonly parameters: number;
  readonly peak_rss_bytes: number;
  /** Floating-point operations of a step's matrix products in the compiled graphs; null if nothing is compiled. */
  readonly gradient_graph_flops: number | null;
  readonly optimizer_graph_flops: number | null;
  /** The optimizer's cost, as counted and by the paper's formulas. */
  readonly cost: CostRow;
}

/** Steps from refresh to refresh. */
export function periodOf({ options }: RunConfig): number {
  const { precondition_frequency: period } = options;
  return typeof period === 'number' ? period : 1;
}

/** Opens a setting like a run, and times whole periods of its steps in this process. */
export async function timeSetting({ config, dataset }: TimingRequest): Promise<TimedRound> {
  const data = await openPrepared(dataset, config.data);
  const training = await openTraining(config, data, { jobs: 1 });
  const { parameters, optimizer, cost, engine } = training;
  const plan = planCalls(optimizer, periodOf(config));
  const opening = await planOpening(engine, config, training);
  const { program } = await opening.open(plan.timed.at(-1)!);
  const { seed, model, train } = config;
  const source = { seed, context: model.context, shuffle: config.data.shuffle, train };
  const othersShare = watchOthers();
  const calls = await timeCalls(program, optimizer, plan, (step) => microbatches(data.train, source, step));
  const busy = othersShare();
  const { git_commit, git_dirty, cpu, cores } = describeEnvironment(engine);
  return {
    calls,
    busy,
    parameters: parameterCounts(parameters).total,
    cost,
    peak_rss_bytes: 1024 * process.resourceUsage().maxRSS,
    ...(await flopsOf(program, plan.timed, train.batch_tokens / train.microbatch_tokens)),
    engine: `${engine.name} ${engine.version}`,
    device: engine.device,
    threads: engine.threads,
    cpu,
    cores,
    commit: commitText({ git_commit, git_dirty }),
    measured_at: new Date().toISOString(),
  };
}

/** Operations of a step's products, averaged over the timed steps. */
async function flopsOf(program: TrainingProgram, calls: readonly number[], microbatches: number) {
  const products = (work: readonly Work[]) => work.reduce((sum, { flops }) => sum + flops, 0);
  let gradient = 0;
  let update = 0;
  for (const call of calls) {
    const work = await program.work(call);
    if (work === undefined) return { gradient_graph_flops: null, optimizer_graph_flops: null };
    gradient += microbatches * products(work.gradient);
    update += products(work.update);
  }
  return { gradient_graph_flops: gradient / calls.length, optimizer_graph_flops: update / calls.length };
}
