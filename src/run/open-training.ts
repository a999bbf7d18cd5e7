import type { RunConfig } from '../config/run-config.js';
import type { PreparedData } from '../data/prepare.js';
import type { Engine } from '../engine/engine.js';
import { openEngine } from '../engine/select.js';
import { modelParameters, type Parameter } from '../model/parameters.js';
import { costRows, type CostRow } from '../optim/cost/rows.js';
import type { Optimizer } from '../optim/optimizer.js';
import { createOptimizer } from '../optim/registry.js';
import { threadsOf } from './threads.js';

/** What a run computes with, before its program is opened. */
export interface Training {
  readonly data: PreparedData;
  readonly parameters: readonly Parameter[];
  readonly optimizer: Optimizer;
  /** Of the optimizer on these parameters. */
  readonly cost: CostRow;
  readonly engine: Engine;
}

export interface TrainingOptions {
  /** Runs that are trained on this machine at once. */
  readonly jobs: number;
  /** Threads of an earlier part of the run. */
  readonly threadsBefore?: number | undefined;
  /** Told why another engine than the fastest computes. */
  readonly onFallback?: (line: string) => void;
}

/**
 * Makes the optimizer of a run and opens the engine that computes it.
 * @throws {SoapBenchError} `engine_unavailable`.
 */
export async function openTraining(
  config: RunConfig,
  data: PreparedData,
  { jobs, threadsBefore, onFallback }: TrainingOptions,
): Promise<Training> {
  const { optimizer: name, options } = config;
  const parameters = modelParameters(config.model, data.vocabSize);
  const optimizer = createOptimizer(name, options, parameters);
  // Counting replaces the engine, so it must come before one is opened.
  const [cost] = costRows(parameters, [{ label: name, optimizer: name, options }]);
  const threads = threadsOf(config.threads, jobs, threadsBefore);
  const engine = await openEngine({ ...config, threads }, onFallback);
  return { data, parameters, optimizer, cost: cost!, engine };
}
