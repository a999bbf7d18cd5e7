import { inspect } from 'node:util';
import { join } from 'node:path';
import { loadSweep, type ExperimentSource } from '../config/load.js';
import { SoapBenchError, exitCodes } from '../errors.js';
import { holdFolder } from '../files/lock.js';
import { plural } from '../format.js';
import { groupBy } from '../group-by.js';
import { RunDirectory } from '../results/directory.js';
import { disturbingShare } from '../run/others-share.js';
import type { ChildOutcome } from './child-run.js';
import type { TrainingObserver } from './observer.js';
import type { PlannedRun } from './planned-run.js';
import { prepareRuns, type DataOf } from './prepare-runs.js';
import { firstTasks, type ExperimentPlan, type Round } from './rounds.js';
import { takeOver, type TakeOver } from './take-over.js';
import { trainRounds } from './train-rounds.js';
import { trainRuns, type RunOutcomes, type Training } from './train-runs.js';
import { openFolder, reopenFolder, type TrainingFolder } from './training-folder.js';

export interface TrainOptions {
  /** Runs that are trained at once, each with its part of the threads; 1 when left out, so that none disturbs another. */
  readonly jobs?: number | undefined;
  /** Asks runs to finish their step and end, with a checkpoint; `resumeFolder` goes on with them. */
  readonly signal?: AbortSignal | undefined;
  readonly observer?: TrainingObserver | undefined;
}

export interface ReuseOptions {
  /** Whether runs of a sweep that have ended are trained anew. */
  readonly rerun?: boolean | undefined;
  /** Folders of other sweeps: what has ended there is not trained again, but linked. */
  readonly others?: readonly string[] | undefined;
}

export interface TrainFolderOptions extends TrainOptions, ReuseOptions {
  /** Where the results go; `results/<experiment>/<time>` when left out, of a sweep `results/<experiment>/sweep`. */
  readonly folder?: string | undefined;
}

/** What was trained. */
export interface TrainedFolder {
  readonly folder: string;
  readonly outcomes: NamedOutcomes;
}

/** What runs came to, by their labels; undefined for those that were not begun. */
export type NamedOutcomes = ReadonlyMap<string, ChildOutcome | undefined>;

/**
 * Trains what files and overrides describe: every optimizer of an experiment once, what is left of a sweep, or a tuning round
 * by round. A run that fails is one of the outcomes, and the others are trained.
 * @throws {SoapBenchError} `config_invalid`, `output_not_empty`, `run_in_use`, `memory_too_small` and others, before anything
 * is trained.
 */
export async function trainFolder(
  { files, overrides = [] }: Pick<ExperimentSource, 'files'> & Partial<ExperimentSource>,
  { folder, ...options }: TrainFolderOptions = {},
): Promise<TrainedFolder> {
  assertTexts('files', files);
  assertTexts('overrides', overrides);
  if (folder === '') throw wrongArgument('folder', '""', 'the path of a folder, or nothing for one below results');
  return trainOpened(openFolder(loadSweep({ files, overrides }), folder), options);
}

/**
 * Goes on with a folder that `trainFolder` or `soap-bench run` began: runs that have ended stay as they are, the others go on
 * after their newest checkpoints.
 * @throws {SoapBenchError} As {@link trainFolder}; `not_an_experiment`, `results_damaged`.
 */
export async function resumeFolder(folder: string, options: TrainOptions = {}): Promise<TrainedFolder> {
  return trainOpened(reopenFolder(folder), options);
}

/** Trains what is left of an open folder. */
export async function trainOpened(
  folder: TrainingFolder,
  {
    jobs = 1,
    signal = new AbortController().signal,
    observer = {},
    rerun = false,
    others = [],
  }: TrainOptions & ReuseOptions = {},
): Promise<TrainedFolder> {
  const { path, plan } = folder;
  const prepare = async () => {
    assertJobs(jobs);
    if (rerun && plan.kind === 'experiment') throw nothingToRerun();
    return prepareRuns(firstTasks(plan), path, observer);
  };
  const dataOf = await prepare().catch((error: unknown) => {
    folder.abandon();
    throw error;
  });
  let rounds = 0;
  const { round, outcomes } = await holdFolder(path, () =>
    trainRounds(plan, {
      folder: path,
      dataOf,
      rerun,
      takeOver: takingOver({ folder: path, others, dataOf }, observer),
      planned(round, pending) {
        folder.record(round);
        rounds += 1;
        observer.roundPlanned?.({ ...round, plan, number: rounds, pending });
      },
      train: (runs) => trainTogether(runs, { folder: path, dataOf, signal, observer, jobs: sharedBy(plan, jobs) }),
    }),
  );
  const named = namedOutcomes(round, outcomes);
  warnOfTrouble(named, observer);
  return { folder: path, outcomes: named };
}

/** Trains runs, and says what other programs took of the machine meanwhile. */
async function trainTogether(runs: readonly PlannedRun[], training: Training): Promise<RunOutcomes> {
  const outcomes = await trainRuns(runs, training);
  warnOfOthers(runs, training);
  return outcomes;
}

/** Runs that share the threads: of all, not of what is left, so that a sweep that goes on has the threads that it began with. */
function sharedBy(plan: ExperimentPlan, jobs: number): number {
  // How many runs a tuning will have is not known yet.
  return plan.tunings.length > 0 ? jobs : Math.min(jobs, firstTasks(plan).length);
}

/** Links what other folders have, and says from where. */
function takingOver(
  places: { folder: string; others: readonly string[]; dataOf: DataOf },
  observer: TrainingObserver,
): TakeOver {
  return (runs) => {
    for (const [from, same] of groupBy(takeOver(runs, places), (one) => one.from)) {
      observer.note?.(`reused from ${from}: ${plural(same.length, 'run')}`);
    }
  };
}

/**
 * Outcomes by the labels of their runs. That some settings diverge belongs to a tuning; it is told of those that are
 * compared, and where there is nothing to choose from.
 */
function namedOutcomes({ compared, tunings }: Round, outcomes: RunOutcomes): NamedOutcomes {
  const trials = tunings.flatMap(({ decision, trials: tried }) => {
    const tasks = tried.map(({ task }) => task);
    return decision.winners?.size === 0 ? tasks : tasks.filter(({ id }) => outcomes.get(id)?.kind === 'error');
  });
  return new Map([...compared, ...trials].map(({ id, label }) => [label, outcomes.get(id)]));
}

/** Times of runs that shared the machine with other programs compare those programs as well. Runs side by side are known to. */
function warnOfOthers(runs: readonly PlannedRun[], { folder, jobs, observer }: Training): void {
  if (jobs > 1) return;
  const shares = runs.map(({ id }) => new RunDirectory(join(folder, 'runs', id)).readStatus()?.busy ?? 0);
  const disturbed = shares.filter((share) => share > disturbingShare).length;
  if (disturbed === 0) return;
  const most = Math.round(100 * Math.max(...shares));
  observer.warn?.(
    `other programs took up to ${most}% of the processors during ${disturbed} of ${plural(runs.length, 'run')}: their times do not compare`,
    `when the machine is quiet, \`soap-bench time ${folder}\` measures the steps apart`,
  );
}

function warnOfTrouble(outcomes: NamedOutcomes, observer: TrainingObserver): void {
  for (const [label, outcome] of outcomes) {
    if (outcome?.kind === 'error') observer.warn?.(`${label} failed: ${outcome.message}`, outcome.hint);
    else if (outcome?.state === 'diverged') observer.warn?.(`${label} diverged: ${outcome.message ?? ''}`);
  }
}

function assertJobs(jobs: number): void {
  if (!Number.isSafeInteger(jobs) || jobs < 1) throw wrongArgument('jobs', String(jobs), 'a whole number above 0');
}

/** For scripts whose types nobody has checked. */
function assertTexts(name: string, texts: unknown): void {
  if (Array.isArray(texts) && texts.every((text) => typeof text === 'string')) return;
  throw wrongArgument(name, inspect(texts), 'an array of strings');
}

function wrongArgument(name: string, found: string, expected: string): SoapBenchError {
  return new SoapBenchError('usage', `${name}: found ${found}, expected ${expected}`, {
    exitCode: exitCodes.usage,
    hint: 'docs/api.md describes the arguments',
  });
}

/** Why an experiment without lists is not trained anew. */
export function nothingToRerun(): SoapBenchError {
  const message = '--rerun is for sweeps and several seeds; here every run is a new one anyway';
  return new SoapBenchError('nothing_to_rerun', message, { exitCode: exitCodes.usage, hint: 'leave --rerun out' });
}
