import type { ExperimentConfig } from '../config/schema.js';
import { assertContextFits } from '../data/batches.js';
import { prepareData, type PreparedData, type PrepareProgress } from '../data/prepare.js';
import { assertFitsHere } from './least-memory.js';
import type { PlannedRun } from './plan.js';
import { storedData } from './stored-corpus.js';

/** Where to find the tokens of each of some runs. */
export type DataOf = (run: PlannedRun) => PreparedData;

/**
 * The tokens of runs that are trained here.
 * @param folder Of the experiment or sweep.
 * @throws SoapBenchError `memory_too_small`, and those of `prepareTokens`, before anything is trained.
 */
export async function prepareRuns(
  runs: readonly PlannedRun[],
  folder: string,
  onProgress: PrepareProgress,
): Promise<DataOf> {
  assertFitsHere(runs);
  return prepareTokens(runs, folder, onProgress);
}

/**
 * The tokens of every run, each text prepared once, now or before, and long enough for the run's context.
 * @param folder Of the experiment or sweep.
 * @throws SoapBenchError `context_too_long`, `corpus_relative`.
 */
export async function prepareTokens(
  runs: readonly PlannedRun[],
  folder: string,
  onProgress: PrepareProgress,
): Promise<DataOf> {
  const prepared = new Map<string, PreparedData>();
  const key = ({ data, model }: ExperimentConfig) => JSON.stringify([data, model.context]);
  for (const { config } of runs) {
    if (!prepared.has(key(config))) {
      prepared.set(key(config), await prepare(config, folder, onProgress));
    }
  }
  return ({ config }) => prepared.get(key(config))!;
}

async function prepare(
  { data, model }: ExperimentConfig,
  folder: string,
  onProgress: PrepareProgress,
): Promise<PreparedData> {
  const prepared = await prepareData(storedData(data, folder), { onProgress });
  assertContextFits(prepared.train.length, model.context, 'training');
  assertContextFits(prepared.val.length, model.context, 'validation');
  return prepared;
}
