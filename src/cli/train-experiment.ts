import type { ExperimentConfig } from '../config/schema.js';
import type { PreparedData } from '../data/prepare.js';
import { exitCodes } from '../errors.js';
import { planRuns, type PlannedRun } from '../experiment/plan.js';
import { runExperiment, type ExperimentObserver, type ExperimentOutcomes } from '../experiment/run-experiment.js';
import { pendingTasks, runSweep, type SweepRun } from '../experiment/run-sweep.js';
import { note, warn } from './output.js';
import { showResults, writeResults } from './results.js';
import { RunScreen } from './run-screen.js';

export interface TrainingOutput {
  requireTarget: boolean;
  json: boolean;
  /** Show no progress. */
  quiet: boolean;
}

/** Trains the runs of an experiment's folder under the eyes of the terminal, prints the comparison and sets the exit code. */
export async function trainExperiment(
  config: ExperimentConfig,
  folder: string,
  data: PreparedData,
  output: TrainingOutput,
): Promise<void> {
  await supervise(folder, planRuns(config), output, `soap-bench resume ${folder}`, (observer, signal) =>
    runExperiment(config, folder, data, observer, signal),
  );
}

/** The same for the tasks of a sweep's folder. */
export async function trainSweep(folder: string, sweep: SweepRun, output: TrainingOutput): Promise<void> {
  await supervise(
    folder,
    pendingTasks(sweep),
    output,
    'the same command again, which begins this task anew',
    (observer, signal) => runSweep(folder, sweep, observer, signal),
  );
}

/**
 * Shows how the training of `runs` goes on, then what came of it.
 * @param goOn What to do to go on when it has been stopped.
 */
async function supervise(
  folder: string,
  runs: readonly PlannedRun[],
  { requireTarget, json, quiet }: TrainingOutput,
  goOn: string,
  train: (observer: ExperimentObserver, signal: AbortSignal) => Promise<ExperimentOutcomes>,
): Promise<void> {
  const screen = quiet ? undefined : new RunScreen(runs);
  const stop = stopOnSignals(quiet ? () => undefined : note, goOn);
  let outcomes: ExperimentOutcomes;
  try {
    outcomes = await train(screen ?? unobserved, stop);
  } finally {
    screen?.close();
  }
  warnOfTrouble(outcomes);
  writeResults(folder);
  const { reached } = showResults(folder, { plot: true, json });
  process.exitCode = exitCodeOf(outcomes, stop, requireTarget && !reached);
}

const unobserved: ExperimentObserver = {
  runStarted: () => undefined,
  message: () => undefined,
  runEnded: () => undefined,
};

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGUSR1'] as const;

/**
 * Aborts at the first Ctrl-C, or the signal of a system that wants the machine back: the step is finished and what there is
 * gets written. The second one kills. The reason is the signal's name.
 */
function stopOnSignals(say: (line: string) => void, goOn: string): AbortSignal {
  const stop = new AbortController();
  for (const name of stopSignals) {
    process.once(name, () => {
      say(`\nstopping after this step; again to stop at once. To go on later: ${goOn}`);
      stop.abort(name);
    });
  }
  return stop.signal;
}

function warnOfTrouble(outcomes: ExperimentOutcomes): void {
  for (const [label, outcome] of outcomes) {
    if (outcome.kind === 'error') {
      warn(`${label} failed: ${outcome.message}`);
      if (outcome.hint !== undefined) note(`  ${outcome.hint}`);
    } else if (outcome.state === 'diverged') warn(`${label} diverged: ${outcome.message ?? ''}`);
  }
}

function exitCodeOf(outcomes: ExperimentOutcomes, stop: AbortSignal, missesTarget: boolean): number {
  const all = [...outcomes.values()];
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
