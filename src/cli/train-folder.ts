import { exitCodes } from '../errors.js';
import type { ChildOutcome } from '../experiment/child-run.js';
import type { PlannedRun } from '../experiment/plan.js';
import type { DataOf } from '../experiment/prepare-runs.js';
import { examineRuns, trainRuns, type RunObserver, type RunOutcomes, type Training } from '../experiment/train-runs.js';
import { note, warn } from './output.js';
import { showResults, writeResults } from './results.js';
import { RunScreen } from './run-screen.js';

export interface TrainingOutput {
  requireTarget: boolean;
  json: boolean;
  /** Show no progress. */
  quiet: boolean;
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

/** Trains the runs of a folder that have not ended, under the eyes of the terminal, and says what came of all. */
export async function trainFolder(
  folder: string,
  { runs, dataOf, jobs, header }: FolderTraining,
  output: TrainingOutput,
): Promise<void> {
  const { ended, pending } = examineRuns(runs, { folder, dataOf });
  if (!output.quiet) note(header(runs.filter(({ id }) => ended.has(id)).length));
  const signal = stopOnSignals(folder, output);
  // Counted over all, not over what is left: a sweep that goes on has the threads that it began with.
  const most = new Set(runs.map(({ id }) => id)).size;
  const training = { folder, dataOf, signal, jobs: Math.min(jobs, most) };
  const trained = await trainOnScreen(pending, training, output);
  // Known by their names to whoever reads what is reported.
  const outcomes = new Map(runs.map(({ id, label }) => [label, trained.get(id) ?? ended.get(id)]));
  conclude(folder, outcomes, signal, output);
}

/** Trains runs and shows how that goes on. */
export async function trainOnScreen(
  runs: readonly PlannedRun[],
  training: Omit<Training, 'observer'>,
  { quiet }: TrainingOutput,
): Promise<RunOutcomes> {
  const screen = quiet ? undefined : new RunScreen(runs);
  try {
    return await trainRuns(runs, { ...training, observer: screen ?? unobserved });
  } finally {
    screen?.close();
  }
}

/**
 * Says what came of a folder's runs, and sets the exit code.
 * @param outcomes By the runs' names; undefined for those that were not begun.
 */
export function conclude(
  folder: string,
  outcomes: ReadonlyMap<string, ChildOutcome | undefined>,
  signal: AbortSignal,
  { requireTarget, json }: TrainingOutput,
): void {
  warnOfTrouble(outcomes);
  writeResults(folder);
  const { reached } = showResults(folder, { plot: true, json });
  const known = [...outcomes.values()].filter((outcome) => outcome !== undefined);
  process.exitCode = exitCodeOf(known, signal, requireTarget && !reached);
}

const unobserved: RunObserver = {
  runStarted: () => undefined,
  message: () => undefined,
  runEnded: () => undefined,
};

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGUSR1'] as const;

/**
 * Aborts at the first Ctrl-C, or the signal of a system that wants the machine back: the step is finished and what there is
 * gets written. The second one kills. The reason is the signal's name.
 */
export function stopOnSignals(folder: string, { quiet }: TrainingOutput): AbortSignal {
  const stop = new AbortController();
  for (const name of stopSignals) {
    process.once(name, () => {
      if (!quiet)
        note(`\nstopping after this step; again to stop at once. To go on later: soap-bench resume ${folder}`);
      stop.abort(name);
    });
  }
  return stop.signal;
}

function warnOfTrouble(outcomes: ReadonlyMap<string, ChildOutcome | undefined>): void {
  for (const [label, outcome] of outcomes) {
    if (outcome === undefined) continue;
    if (outcome.kind === 'error') {
      warn(`${label} failed: ${outcome.message}`);
      if (outcome.hint !== undefined) note(`  ${outcome.hint}`);
    } else if (outcome.state === 'diverged') warn(`${label} diverged: ${outcome.message ?? ''}`);
  }
}

function exitCodeOf(all: readonly ChildOutcome[], stop: AbortSignal, missesTarget: boolean): number {
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
