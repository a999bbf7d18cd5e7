import { onlyRun, type RunConfig } from '../config/run-config.js';
import type { ExperimentConfig } from '../config/schema.js';
import { SoapBenchError, exitCodes } from '../errors.js';
import type { TrainingProgram } from '../train/training-program.js';
import type { Checkpoint } from '../results/checkpoint.js';
import { restoreState, type CheckpointShapes } from './checkpoint-tensors.js';
import type { RunDirectory } from '../results/directory.js';
import { assertSameConfig, assertSameData } from '../results/same-run.js';

/**
 * The checkpoint that a run goes on from: the newest whose files are as they were written and whose rows are in the CSV files.
 * @param dataset Fingerprint of the run's tokens.
 * @param warn Told of checkpoints that cannot be used, and of a beginning from the start.
 * @returns Undefined when the run begins, or begins again.
 * @throws {SoapBenchError} `config_changed`, `data_changed`.
 */
export function findCheckpoint(
  directory: RunDirectory,
  config: RunConfig,
  dataset: string,
  warn: (line: string) => void,
): Checkpoint | undefined {
  const { metrics } = directory.csvBytes();
  let aside: string | undefined;
  // With the rows as they are: what is computed from here on would otherwise be written over them.
  const setAside = () => (aside ??= directory.setAsideRows());
  const checkpoint = directory.checkpoints.newest((record) => directory.rowsProblem(record), setAside, warn);
  if (checkpoint === undefined) {
    if (metrics > 0 || aside !== undefined) warn('there is no checkpoint to go on from: training begins again');
    return undefined;
  }
  // What its digest vouches for is what soap-bench wrote.
  const before = onlyRun(checkpoint.record.config as unknown as ExperimentConfig);
  assertSameConfig(before, config, `the checkpoint of step ${checkpoint.record.step}`);
  assertSameData(checkpoint.record.dataset, dataset);
  return checkpoint;
}

/**
 * Writes the weights and the optimizer's state of a checkpoint into a program.
 * @throws {SoapBenchError} `tensors_changed` when it has other tensors than the program.
 */
export function restore(
  program: Pick<TrainingProgram, 'setWeight' | 'setOptimizerState'>,
  checkpoint: Checkpoint,
  shapes: CheckpointShapes,
): void {
  const expected = new Set([...Object.keys(shapes.weights), ...Object.keys(shapes.state)]);
  const write = (set: (name: string, values: Float32Array) => void, name: string, values: Float32Array) => {
    if (!expected.delete(name)) throw tensorsChanged(`${name} is unknown`);
    set(name, values);
  };
  for (const [name, { values }] of checkpoint.weights()) {
    write(program.setWeight.bind(program), name, values);
  }
  for (const [name, { values }] of checkpoint.optimizerState()) {
    write(restoreState.bind(undefined, program), name, values);
  }
  if (expected.size > 0) throw tensorsChanged(`${[...expected].slice(0, 3).join(', ')} missing`);
}

function tensorsChanged(what: string): SoapBenchError {
  return new SoapBenchError('tensors_changed', `the checkpoint is not one of this version of soap-bench: ${what}`, {
    exitCode: exitCodes.unavailable,
    hint: 'go on with the version that began the run, or run the experiment again into another folder',
  });
}
