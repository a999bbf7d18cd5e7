import { join } from 'node:path';
import type { Trial, Tuning } from '../tuning/tuning.js';
import { assertOwnConfig, readRunFiles, type Run } from './read-run.js';
import type { StepTimeRow } from './step-time-row.js';
import { readStepTimes } from './step-times-csv.js';
import { isSweep, readTasks, type ListedTask } from './tasks.js';
import { withStepTimes } from './with-step-times.js';

/** A task, and what its run has written so far. */
export interface StudyRun extends ListedTask {
  readonly run: Run;
}

/** A tuning, and what its trials have written so far. */
export interface StudyTuning extends Tuning {
  readonly tried: readonly (StudyRun & Trial)[];
}

/** An experiment as it is read back from its folder: the only model of what was trained. */
export interface Study {
  readonly folder: string;
  /** An experiment has one run a label, a sweep a list of tasks. */
  readonly kind: 'experiment' | 'sweep';
  readonly name: string;
  /** The label that the others are compared with. */
  readonly baseline: string;
  /** The runs that are compared, in the order of their tasks. One that has not started has no status and no rows. */
  readonly runs: readonly StudyRun[];
  /** How options were chosen. */
  readonly tunings: readonly StudyTuning[];
  /** Step times that were measured apart from training; empty where none were. */
  readonly stepTimes: readonly StepTimeRow[];
}

/**
 * Reads the folder of an experiment or a sweep, also while it is being trained.
 * @throws {SoapBenchError} `not_an_experiment` (exit code 2), or `results_damaged` (6) naming the file and the line.
 */
export function readStudy(folder: string): Study {
  const { name, baseline, tasks, tunings } = readTasks(folder);
  const kind = isSweep(folder) ? 'sweep' : 'experiment';
  const withRun = <T extends ListedTask>(task: T) => ({ ...task, run: readRunFiles(join(folder, 'runs', task.id)) });
  const runs = tasks.map(withRun);
  // The id of a sweep's task is made of its configuration, a label is not.
  if (kind === 'experiment') for (const { run, config } of runs) assertOwnConfig(run.directory, config);
  const stepTimes = readStepTimes(folder);
  return {
    folder,
    kind,
    name,
    baseline,
    runs: withStepTimes(stepTimes, runs),
    tunings: tunings.map((tuning) => ({ ...tuning, tried: tuning.tried.map(withRun) })),
    stepTimes,
  };
}
