import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { LoadedSweep } from '../config/load.js';
import type { ExperimentConfig } from '../config/schema.js';
import type { PreparedData, PrepareProgress } from '../data/prepare.js';
import { SoapBenchError, exitCodes } from '../errors.js';
import { isAlive } from '../process-alive.js';
import { writeFileAtomic } from '../run/atomic-file.js';
import { RunDirectory } from '../run/directory.js';
import { tasksFile } from '../run/read-sweep.js';
import { hasEnded } from '../run/status.js';
import type { ChildOutcome } from './child-run.js';
import { prepareExperimentData, trainRun, type ExperimentObserver, type ExperimentOutcomes } from './run-experiment.js';
import type { Task } from './tasks.js';

/** What is to be trained of a sweep, and on what. */
export interface SweepRun {
  readonly tasks: readonly Task[];
  readonly dataOf: (task: Task) => PreparedData;
  /** What tasks came to that are not to be trained again, by their ids. */
  readonly earlier: ReadonlyMap<string, ChildOutcome>;
}

/** The tokens of every task, each text prepared once. */
export async function prepareSweepData(
  tasks: readonly Task[],
  onProgress: PrepareProgress,
): Promise<(task: Task) => PreparedData> {
  const prepared = new Map<string, PreparedData>();
  const key = ({ data, model }: ExperimentConfig) => JSON.stringify([data, model.context]);
  for (const { config } of tasks) {
    if (!prepared.has(key(config))) prepared.set(key(config), await prepareExperimentData(config, onProgress));
  }
  return ({ config }) => prepared.get(key(config))!;
}

/** The folder asked for, or `results/<experiment>/sweep` below the current one. */
export function sweepFolder({ name }: ExperimentConfig, output: string | undefined): string {
  return output ?? join('results', name, 'sweep');
}

/**
 * Creates the folder of a sweep, or takes up the one that there is: its tasks are then the new ones.
 * @throws SoapBenchError `output_not_empty` when the folder holds something else than a sweep.
 */
export function openSweepFolder(
  { config, source }: Pick<LoadedSweep, 'config' | 'source'>,
  tasks: readonly Task[],
  path: string,
): void {
  if (existsSync(path) && readdirSync(path).length > 0 && !existsSync(join(path, tasksFile))) {
    throw new SoapBenchError('output_not_empty', `${path} already holds files, and is not the folder of a sweep`, {
      exitCode: exitCodes.usage,
      hint: 'name another folder with --output',
    });
  }
  mkdirSync(join(path, 'runs'), { recursive: true });
  const listed = tasks.map(({ id, optimizer, choices, seed, config }) => ({ id, optimizer, choices, seed, config }));
  const { name, baseline } = config;
  writeFileAtomic(join(path, 'config.yaml'), stringify(source));
  writeFileAtomic(join(path, tasksFile), JSON.stringify({ name, baseline, tasks: listed }, null, 2) + '\n');
}

/**
 * What the tasks came to that were trained to their end before, by their ids.
 * @throws SoapBenchError `text_changed` when one of them was trained on other text, `run_in_use` when a process is training
 * one now.
 */
export function finishedTasks({ folder, tasks, dataOf }: FinishedTasksQuery): Map<string, ChildOutcome> {
  const finished = new Map<string, ChildOutcome>();
  for (const task of tasks) {
    const path = join(folder, 'runs', task.id);
    const status = new RunDirectory(path).readStatus();
    if (status === undefined) continue;
    if (status.state === 'running' && status.pid !== undefined && isAlive(status.pid)) throw inUse(path, status.pid);
    if (!hasEnded(status)) continue;
    if (fingerprintIn(path) !== dataOf(task).manifest.fingerprint) throw textChanged(path, task);
    finished.set(task.id, { kind: 'outcome', state: status.state, message: status.message });
  }
  return finished;
}

/** The tasks that are still to be trained, each once: two labels can come to the same. */
export function pendingTasks({ tasks, earlier }: Pick<SweepRun, 'tasks' | 'earlier'>): Task[] {
  const pending = tasks.filter(({ id }) => !earlier.has(id));
  return pending.filter(({ id }, index) => pending.findIndex((task) => task.id === id) === index);
}

/** Trains the tasks that are still to be trained, one after the other, each anew. */
export async function runSweep(
  folder: string,
  { tasks, dataOf, earlier }: SweepRun,
  observer: ExperimentObserver,
  signal: AbortSignal,
): Promise<ExperimentOutcomes> {
  const outcomes = new Map(earlier);
  for (const task of pendingTasks({ tasks, earlier })) {
    if (signal.aborted) break;
    const path = join(folder, 'runs', task.id);
    const data = dataOf(task);
    rmSync(path, { recursive: true, force: true });
    mkdirSync(path);
    writeFileAtomic(join(path, 'dataset.json'), JSON.stringify(data.manifest, null, 2) + '\n');
    outcomes.set(task.id, await trainRun(task, new RunDirectory(path), data, observer, signal));
  }
  // Known by their names to whoever reads what is reported.
  return new Map(tasks.flatMap(({ id, label }) => (outcomes.has(id) ? [[label, outcomes.get(id)!]] : [])));
}

interface FinishedTasksQuery extends Pick<SweepRun, 'tasks' | 'dataOf'> {
  readonly folder: string;
}

function fingerprintIn(path: string): string | undefined {
  try {
    const manifest = JSON.parse(readFileSync(join(path, 'dataset.json'), 'utf8')) as { fingerprint?: string };
    return manifest.fingerprint;
  } catch {
    return undefined;
  }
}

function inUse(path: string, pid: number): SoapBenchError {
  return new SoapBenchError('run_in_use', `${path} is in use: process ${pid} is training this task`, {
    exitCode: exitCodes.unavailable,
    hint: `wait for it to end, or end it with \`kill ${pid}\``,
  });
}

function textChanged(path: string, { label, config }: Task): SoapBenchError {
  const message = `${label} was trained on other text than ${config.data.corpus} holds now (${join(path, 'dataset.json')})`;
  return new SoapBenchError('text_changed', message, {
    exitCode: exitCodes.usage,
    hint: 'name another folder with --output, or train everything again with --rerun',
  });
}
