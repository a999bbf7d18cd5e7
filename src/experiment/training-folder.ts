import type { LoadedSweep } from '../config/load.js';
import {
  experimentFolder,
  readPlan,
  removeIfEmpty,
  sweepFolder,
  writeExperimentFolder,
  writeSource,
  writeTasks,
} from './folder.js';
import { planExperiment } from './plan.js';
import { listedTunings, type ExperimentPlan, type Round } from './rounds.js';

/** A folder, and what is to be trained in it. */
export interface TrainingFolder {
  readonly path: string;
  readonly plan: ExperimentPlan;
  /** Writes down what the experiment consists of. Called with every round, before its runs are trained. */
  record(round: Round): void;
  /** Gives the folder back when nothing has been begun in it. */
  abandon(): void;
}

/**
 * The folder of a configuration's experiment: for an experiment without lists a new one, for a sweep also one that has been
 * begun.
 * @param output The folder asked for; undefined for `results/<experiment>/<time>` below the current one, of a sweep
 * `results/<experiment>/sweep`.
 * @throws {SoapBenchError} `output_not_empty` when it holds something else.
 */
export function openFolder(loaded: LoadedSweep, output: string | undefined): TrainingFolder {
  const { config, source } = loaded;
  const plan = planExperiment(loaded);
  if (plan.kind === 'experiment') {
    const path = experimentFolder(config, output);
    return {
      path,
      plan,
      record: () => {
        writeExperimentFolder(config, path);
      },
      abandon: () => {
        if (output === undefined) removeIfEmpty(path);
      },
    };
  }
  const path = sweepFolder(config, output);
  return {
    path,
    plan,
    record: (round) => {
      recordRound(plan, round, path);
      writeSource(source, path);
    },
    abandon: () => undefined,
  };
}

/**
 * A folder that has been begun, to go on with what is left to train.
 * @throws {SoapBenchError} `not_an_experiment`, `results_damaged`.
 */
export function reopenFolder(path: string): TrainingFolder {
  const plan = readPlan(path);
  return {
    path,
    plan,
    record: (round) => {
      // Without tunings there is nothing to add to what the folder says already.
      if (plan.tunings.length > 0) recordRound(plan, round, path);
    },
    abandon: () => undefined,
  };
}

function recordRound({ name, baseline }: ExperimentPlan, round: Round, path: string): void {
  writeTasks({ name, baseline, tasks: round.compared, tunings: listedTunings(round) }, path);
}
