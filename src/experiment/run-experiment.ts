import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { resolvedYaml } from '../config/resolved-yaml.js';
import type { ExperimentConfig } from '../config/schema.js';
import { assertContextFits } from '../data/batches.js';
import { prepareData, type PreparedData, type PrepareProgress } from '../data/prepare.js';
import { SoapBenchError, exitCodes } from '../errors.js';
import { writeFileAtomic } from '../run/atomic-file.js';
import { RunDirectory } from '../run/directory.js';
import type { RunMessage } from '../run/messages.js';
import { runInChild, type ChildOutcome } from './child-run.js';
import { planRuns, type PlannedRun } from './plan.js';

/** Who is told what happens. */
export interface ExperimentObserver {
  /** Called when a run's process has been started. */
  runStarted(run: PlannedRun): void;
  message(run: PlannedRun, message: RunMessage): void;
  runEnded(run: PlannedRun, outcome: ChildOutcome): void;
}

/** The outcome of each run that was started, by label. */
export type ExperimentOutcomes = Map<string, ChildOutcome>;

/**
 * The tokens of an experiment, prepared now or before, and long enough for its context.
 * @throws SoapBenchError `context_too_long` before anything is trained.
 */
export async function prepareExperimentData(
  { data, model }: ExperimentConfig,
  onProgress: PrepareProgress,
): Promise<PreparedData> {
  const prepared = await prepareData(data, { onProgress });
  assertContextFits(prepared.train.length, model.context, 'training');
  assertContextFits(prepared.val.length, model.context, 'validation');
  return prepared;
}

/**
 * Creates the folder of an experiment with its configuration and the description of its data.
 * @param output The folder asked for, or undefined for `results/<experiment>/<time>` below the current one.
 * @throws SoapBenchError `output_not_empty` when the folder already holds something.
 */
export function createExperimentFolder(
  config: ExperimentConfig,
  data: PreparedData,
  output: string | undefined,
  now = new Date(),
): string {
  const path = output ?? join('results', config.name, folderTime(now));
  if (existsSync(path) && readdirSync(path).length > 0) {
    throw new SoapBenchError('output_not_empty', `${path} already holds files`, {
      exitCode: exitCodes.usage,
      hint: 'name another folder, or leave --output out for one named after the time',
    });
  }
  mkdirSync(path, { recursive: true });
  writeFileAtomic(join(path, 'config.yaml'), resolvedYaml(config));
  writeFileAtomic(join(path, 'dataset.json'), JSON.stringify(data.manifest, null, 2) + '\n');
  return path;
}

/** Trains an experiment's runs one after the other, so that none disturbs another's timing. */
export async function runExperiment(
  config: ExperimentConfig,
  folder: string,
  data: PreparedData,
  observer: ExperimentObserver,
  signal: AbortSignal,
): Promise<ExperimentOutcomes> {
  const outcomes: ExperimentOutcomes = new Map();
  for (const run of planRuns(config)) {
    if (signal.aborted) break;
    outcomes.set(run.label, await trainRun(run, join(folder, 'runs', run.label), data, observer, signal));
  }
  return outcomes;
}

/** Trains a run in the folder at `path`, which is created. */
export async function trainRun(
  run: PlannedRun,
  path: string,
  data: PreparedData,
  observer: ExperimentObserver,
  signal: AbortSignal,
): Promise<ChildOutcome> {
  const directory = RunDirectory.create(path, run.config);
  observer.runStarted(run);
  const tell = (message: RunMessage) => {
    observer.message(run, message);
  };
  const outcome = await runInChild(directory, data.folder, tell, signal);
  observer.runEnded(run, outcome);
  return outcome;
}

/** `20261122-143000`, local time. */
function folderTime(time: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${time.getFullYear()}${two(time.getMonth() + 1)}${two(time.getDate())}`;
  return `${day}-${two(time.getHours())}${two(time.getMinutes())}${two(time.getSeconds())}`;
}
