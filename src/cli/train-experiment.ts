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
  await supervise(folder, planRuns(config), output, (observer, signal) =>
    runExperiment(config, folder, data, observer, signal),
  );
}

/** The same for the tasks of a sweep's folder. */
export async function trainSweep(folder: string, sweep: SweepRun, output: TrainingOutput): Promise<void> {
  await supervise(folder, pendingTasks(sweep), output, (observer, signal) => runSweep(folder, sweep, observer, signal));
}

/** Shows how the training of `runs` goes on, then what came of it. */
async function supervise(
  folder: string,
  runs: readonly PlannedRun[],
  { requireTarget, json, quiet }: TrainingOutput,
  train: (observer: ExperimentObserver, signal: AbortSignal) => Promise<ExperimentOutcomes>,
): Promise<void> {
  const screen = quiet ? undefined : new RunScreen(runs);
  const stop = stopOnSignals(quiet ? () => undefined : note);
  let outcomes: ExperimentOutcomes;
  try {
    outcomes = await train(screen ?? unobserved, stop);
  } finally {
    screen?.close();
  }
  warnOfTrouble(outcomes);
  writeResults(folder);
  const { reached } = showResults(folder, { plot: true, json });
  process.exitCode = exitCodeOf(outcomes, stop.aborted, requireTarget && !reached);
}

const unobserved: ExperimentObserver = {
  runStarted: () => undefined,
  message: () => undefined,
  runEnded: () => undefined,
};

/** Aborts at the first Ctrl-C or SIGTERM: the step is finished and what there is gets written. The second one kills. */
function stopOnSignals(say: (line: string) => void): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      say('\nstopping after this step; again to stop at once');
      stop.abort();
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

function exitCodeOf(outcomes: ExperimentOutcomes, isInterrupted: boolean, missesTarget: boolean): number {
  const all = [...outcomes.values()];
  const errors = all.filter((outcome) => outcome.kind === 'error');
  if (isInterrupted) return exitCodes.interrupted;
  if (errors.length > 0) {
    const noEngine = errors.every(({ code }) => code === 'engine_unavailable');
    return noEngine ? exitCodes.unavailable : exitCodes.runsFailed;
  }
  if (all.some((outcome) => outcome.kind === 'outcome' && outcome.state === 'diverged')) return exitCodes.diverged;
  return missesTarget ? exitCodes.targetNotReached : exitCodes.done;
}
