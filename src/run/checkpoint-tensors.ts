import type { Optimizer, ParameterInfo } from '../optim/optimizer.js';
import type { TrainingProgram } from '../train/training-program.js';
import type { CheckpointTensors } from '../results/checkpoint.js';

/** Ends the name of a weight that gradients are taken at, where the checkpoint's weight of that name is another one. */
const trained = '/trained';

/** What a checkpoint of a training holds, by file. */
export type CheckpointShapes = Pick<CheckpointTensors, 'weights' | 'state'>;

/**
 * The weights are those that the optimizer evaluates with, the ones of eval.csv. Where gradients are taken at others, as
 * schedule-free methods do, these are part of the state.
 */
export function checkpointShapes(parameters: readonly ParameterInfo[], optimizer: Optimizer): CheckpointShapes {
  const others = optimizer.evaluatesElsewhere ? parameters : [];
  return {
    weights: Object.fromEntries(parameters.map(({ name, shape }) => [name, shape])),
    state: {
      ...optimizer.stateShapes,
      ...Object.fromEntries(others.map(({ name, shape }) => [name + trained, shape])),
    },
  };
}

/** How a checkpoint's values are read from a program, as it stands now. */
export async function checkpointValues(
  program: TrainingProgram,
  { evaluatesElsewhere }: Optimizer,
): Promise<Pick<CheckpointTensors, 'weight' | 'optimizerState'>> {
  const evaluated = evaluatesElsewhere ? await program.evaluatedWeights() : undefined;
  return {
    weight: async (name) => evaluated?.[name] ?? (await program.weight(name)),
    optimizerState: (name) =>
      name.endsWith(trained) ? program.weight(name.slice(0, -trained.length)) : program.optimizerState(name),
  };
}

/** Puts an entry of a checkpoint's state where it belongs in a program whose weights have been set. */
export function restoreState(
  program: Pick<TrainingProgram, 'setWeight' | 'setOptimizerState'>,
  name: string,
  values: Float32Array,
): void {
  if (name.endsWith(trained)) program.setWeight(name.slice(0, -trained.length), values);
  else program.setOptimizerState(name, values);
}
