import { join } from 'node:path';
import type { RunConfig } from '../config/run-config.js';
import { assertContextFits } from '../data/batches.js';
import { prepareData, type PreparedData } from '../data/prepare.js';
import { RunDirectory } from '../results/directory.js';
import { hasEnded } from '../results/status.js';
import { assertTemporaryFolder } from '../files/temporary-folder.js';
import { assertFitsHere } from './least-memory.js';
import type { TrainingObserver } from './observer.js';
import type { PlannedRun } from './planned-run.js';
import { storedData } from './stored-corpus.js';

/** Where to find the tokens of each of some runs. */
export type DataOf = (run: PlannedRun) => PreparedData;

/**
 * The tokens of runs that are trained here. What would keep all of them from training is refused before anything is prepared.
 * @param folder Of the experiment or sweep.
 * @throws SoapBenchError `memory_too_small`, and those of `prepareTokens`; when there is no place for temporary files.
 */
export async function prepareRuns(
  runs: readonly PlannedRun[],
  folder: string,
  observer: TrainingObserver,
): Promise<DataOf> {
  assertFitsHere(runs);
  assertPlaceForGraphs(runs, folder);
  return prepareTokens(runs, folder, observer);
}

/**
 * The tokens of every run, each text prepared once, now or before, and long enough for the run's context.
 * @param folder Of the experiment or sweep.
 * @throws SoapBenchError `context_too_long`, `corpus_relative`.
 */
export async function prepareTokens(
  runs: readonly PlannedRun[],
  folder: string,
  observer: TrainingObserver,
): Promise<DataOf> {
  let isSaid = false;
  const onProgress = () => {
    if (!isSaid) observer.note?.('preparing the data, once ...');
    isSaid = true;
  };
  const prepared = new Map<string, PreparedData>();
  const key = ({ data, model }: RunConfig) => JSON.stringify([data, model.context]);
  for (const { config } of runs) {
    if (!prepared.has(key(config))) {
      prepared.set(key(config), await prepare(config, folder, onProgress));
    }
  }
  return ({ config }) => prepared.get(key(config))!;
}

/**
 * Compiled steps are handed over to the native engine in files.
 * @throws {SoapBenchError} When there is no place for temporary files, and a run that has not ended needs one.
 */
export function assertPlaceForGraphs(runs: readonly PlannedRun[], folder: string): void {
  if (runs.some((run) => loadsGraphs(run.config) && !isDone(run, folder))) assertTemporaryFolder();
}

/** Whether a run may come to the native engine. */
function loadsGraphs({ engine, compile }: RunConfig): boolean {
  return compile && (engine === 'auto' || engine === 'tensorflow');
}

function isDone({ id }: PlannedRun, folder: string): boolean {
  const status = new RunDirectory(join(folder, 'runs', id)).readStatus();
  return status !== undefined && hasEnded(status);
}

async function prepare({ data, model }: RunConfig, folder: string, onProgress: () => void): Promise<PreparedData> {
  const prepared = await prepareData(storedData(data, folder), { onProgress });
  assertContextFits(prepared.train.length, model.context, 'training');
  assertContextFits(prepared.val.length, model.context, 'validation');
  return prepared;
}
