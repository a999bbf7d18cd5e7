import { join } from 'node:path';
import { exitCodes, type ExitCode } from '../errors.js';
import type { ChildOutcome } from '../experiment/child-run.js';
import type { PlannedRun } from '../experiment/plan.js';
import type { DataOf } from '../experiment/prepare-runs.js';
import { examineRuns, trainRuns, type RunObserver, type RunOutcomes, type Training } from '../experiment/train-runs.js';
import { RunDirectory } from '../results/directory.js';
import { disturbingShare } from '../run/others-share.js';
import { onStopSignal } from '../run/stop-signals.js';
import { note, warn } from './terminal/output.js';
import { readResults, showResults, writeResults } from './results.js';
import { RunScreen } from './terminal/run-screen.js';

export interface ProgressOutput {
  /** Show no progress. */
  readonly quiet: boolean;
}

export interface TrainingOutput extends ProgressOutput {
  readonly requireTarget: boolean;
  readonly json: boolean;
}

/** What is to be trained in a folder. */
export interface FolderTraining {
  readonly runs: readonly PlannedRun[];
  readonly dataOf: DataOf;
  /** Runs that are trained at once; more than there are make no difference. */
  readonly jobs: number;
  /** What stands above it all, given how many of the runs have ended. */
  readonly header: (finished: number) => string;
}

/** What runs came to, by their names; undefined for those that were not begun. */
export type NamedOutcomes = ReadonlyMap<string, ChildOutcome | undefined>;

/**
 * Trains the runs of a folder that have not ended, under the eyes of the terminal, and writes what follows from all of them.
 * The caller holds the folder.
 */
export async function trainFolder(
  folder: string,
  { runs, dataOf, jobs, header }: FolderTraining,
  signal: AbortSignal,
  output: ProgressOutput,
): Promise<NamedOutcomes> {
  const { ended, pending } = examineRuns(runs, { folder, dataOf });
  if (!output.quiet) note(header(runs.filter(({ id }) => ended.has(id)).length));
  // Counted over all, not over what is left: a sweep that goes on has the threads that it began with.
  const most = new Set(runs.map(({ id }) => id)).size;
  const training = { folder, dataOf, signal, jobs: Math.min(jobs, most) };
  const trained = await trainOnScreen(pending, training, output);
  // Known by their names to whoever reads what is reported.
  const outcomes = new Map(runs.map(({ id, label }) => [label, trained.get(id) ?? ended.get(id)]));
  writeDown(folder, outcomes);
  return outcomes;
}

/** Writes what follows from a folder's runs, and says on the screen which of them went wrong. */
export function writeDown(folder: string, outcomes: NamedOutcomes): void {
  warnOfTrouble(outcomes);
  writeResults(readResults(folder));
}

/** Trains runs and shows how that goes on. */
export async function trainOnScreen(
  runs: readonly PlannedRun[],
  training: Omit<Training, 'observer'>,
  { quiet }: ProgressOutput,
): Promise<RunOutcomes> {
  const screen = quiet ? undefined : new RunScreen(runs);
  try {
    return await trainRuns(runs, { ...training, observer: screen ?? unobserved });
  } finally {
    screen?.close();
    warnOfOthers(runs, training);
  }
}

/** Times of runs that shared the machine with other programs compare those programs as well. Runs side by side are known to. */
function warnOfOthers(runs: readonly PlannedRun[], { folder, jobs }: Pick<Training, 'folder' | 'jobs'>): void {
  if (jobs > 1) return;
  const shares = runs.map(({ id }) => new RunDirectory(join(folder, 'runs', id)).readStatus()?.busy ?? 0);
  const disturbed = shares.filter((share) => share > disturbingShare).length;
  if (disturbed === 0) return;
  const most = Math.round(100 * Math.max(...shares));
  warn(
    `other programs took up to ${most}% of the processors during ${disturbed} of ${runs.length} runs: their times do not compare`,
  );
  note(`  when the machine is quiet, \`soap-bench time ${folder}\` measures the steps apart`);
}

/** Says what came of a folder's runs, and sets the exit code. */
export function conclude(
  folder: string,
  outcomes: NamedOutcomes,
  signal: AbortSignal,
  { requireTarget, json }: TrainingOutput,
): void {
  const { reached } = showResults(readResults(folder), { plot: true, json });
  process.exitCode = exitCodeOf(outcomes, signal, requireTarget && !reached);
}

const unobserved: RunObserver = {
  runStarted: () => undefined,
  message: () => undefined,
  runEnded: () => undefined,
};

/**
 * Aborts at the first Ctrl-C, or the signal of a system that wants the machine back: the step is finished and what there is
 * gets written. The second one kills. The reason is the first signal's name.
 * @param again What goes on later: `soap-bench resume <folder>`.
 */
export function stopOnSignals(again: string, { quiet }: ProgressOutput): AbortSignal {
  const stop = new AbortController();
  onStopSignal((name) => {
    if (!quiet && !stop.signal.aborted) {
      note(`\nstopping after this step; again to stop at once. To go on later: ${again}`);
    }
    stop.abort(name);
  });
  return stop.signal;
}

function warnOfTrouble(outcomes: NamedOutcomes): void {
  for (const [label, outcome] of outcomes) {
    if (outcome === undefined) continue;
    if (outcome.kind === 'error') {
      warn(`${label} failed: ${outcome.message}`);
      if (outcome.hint !== undefined) note(`  ${outcome.hint}`);
    } else if (outcome.state === 'diverged') warn(`${label} diverged: ${outcome.message ?? ''}`);
  }
}

/** What the process ends with after these trainings. */
export function exitCodeOf(outcomes: NamedOutcomes, stop: AbortSignal, missesTarget: boolean): ExitCode {
  const all = [...outcomes.values()].filter((outcome) => outcome !== undefined);
  const isAny = (state: string) => all.some((outcome) => outcome.kind === 'outcome' && outcome.state === state);
  if (stop.aborted) return stop.reason === 'SIGINT' ? exitCodes.interrupted : exitCodes.interruptedResumable;
  const errors = all.filter((outcome) => outcome.kind === 'error');
  if (errors.length > 0) {
    const noEngine = errors.every(({ code }) => code === 'engine_unavailable');
    return noEngine ? exitCodes.unavailable : exitCodes.runsFailed;
  }
  if (isAny('diverged')) return exitCodes.diverged;
  // A run's own process can be asked to stop as well.
  if (isAny('interrupted')) return exitCodes.interruptedResumable;
  return missesTarget ? exitCodes.targetNotReached : exitCodes.done;
}
