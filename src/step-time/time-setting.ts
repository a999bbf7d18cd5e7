import type { ExperimentConfig } from '../config/schema.js';
import { openPrepared } from '../data/prepare.js';
import { openEngine } from '../engine/select.js';
import type { Work } from '../engine/engine.js';
import { modelParameters, parameterCounts } from '../model/parameters.js';
import { costRows, type CostRow } from '../optim/cost/rows.js';
import { createOptimizer } from '../optim/registry.js';
import type { MeasuredWith } from '../results/step-time-row.js';
import { commitText, describeEnvironment } from '../results/environment.js';
import { watchOthers } from '../run/others-share.js';
import { planOpening } from '../run/open-program.js';
import { threadsOf } from '../run/threads.js';
import { microbatches } from '../train/loop.js';
import type { TrainingProgram } from '../train/training-program.js';
import { planCalls, timeCalls, type TimedCall } from './timed-calls.js';

/** What a process is asked to time: a configuration with a single optimizer, on these prepared tokens. */
export interface TimingRequest {
  readonly config: ExperimentConfig;
  readonly dataset: string;
}

/** What a process has measured of a setting. */
export interface TimedRound extends MeasuredWith {
  readonly calls: readonly TimedCall[];
  /** Share of all processors' time that others took meanwhile, 0 to 1. */
  readonly busy: number;
  readonly parameters: number;
  readonly peak_rss_bytes: number;
  /** Floating-point operations of a step's matrix products, in the graphs that ran; null where nothing is compiled. */
  readonly gradient_graph_flops: number | null;
  readonly optimizer_graph_flops: number | null;
  /** What the optimizer costs by counting, and by the paper's formulas. */
  readonly cost: CostRow;
}

/** Steps from refresh to refresh. */
export function periodOf({ optimizers }: ExperimentConfig): number {
  const { precondition_frequency: period } = Object.values(optimizers)[0]!;
  return typeof period === 'number' ? period : 1;
}

/** Opens a setting as a run does and times whole periods of its steps, in this process. */
export async function timeSetting({ config, dataset }: TimingRequest): Promise<TimedRound> {
  const { optimizer: name, ...options } = Object.values(config.optimizers)[0]!;
  const data = await openPrepared(dataset, config.data);
  const parameters = modelParameters(config.model, data.vocabSize);
  const optimizer = createOptimizer(name, options, parameters);
  // Counting takes the place of an engine, so that it comes before there is one.
  const [cost] = costRows(parameters, [{ label: name, optimizer: name, options }]);
  const engine = await openEngine({ ...config, threads: threadsOf(config.threads, 1) });
  const plan = planCalls(optimizer, periodOf(config));
  const opening = await planOpening(engine, config, { data, parameters, optimizer });
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
    cost: cost!,
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

/** Products of a step, the mean over the timed calls. */
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
