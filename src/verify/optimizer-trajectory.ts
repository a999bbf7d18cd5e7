import { z } from 'zod';
import type { Engine } from '../engine/engine.js';
import type { ParameterInfo } from '../optim/optimizer.js';
import { createOptimizer } from '../optim/registry.js';
import { trainingState, updateSignature, updateStep } from '../train/steps.js';
import { largestDifference, relativeDifference, type Check } from './check.js';
import { translateReference, type Translation } from './reference-options.js';
import { translateState } from './reference-state.js';

/** A golden trajectory of an optimizer: gradients and the resulting weights. test/golden/README.md describes the format. */
export const trajectoryFile = z.object({
  name: z.string(),
  reference: z.string(),
  options: z.record(z.string(), z.unknown()),
  parameters: z.record(
    z.string(),
    z.object({ shape: z.array(z.number().int().positive()), initial: z.array(z.number()) }),
  ),
  tolerance: z.record(z.string(), z.number().positive()),
  calls: z
    .array(
      z.object({
        lr: z.number(),
        gradients: z.record(z.string(), z.array(z.number())),
        parameters: z.record(z.string(), z.array(z.number())),
        state: z.record(z.string(), z.record(z.string(), z.unknown()).nullable()).optional(),
      }),
    )
    .min(1),
});

export type Trajectory = z.infer<typeof trajectoryFile>;

/**
 * Replays a trajectory's gradients and compares the weights after every step.
 *
 * If the file has the reference's state after the first step, the replay starts from it, because the basis of a
 * rank-deficient factor is arbitrary in its null space. The factors after the first step here are compared with that state.
 * If all matrices are square and the first step made no update, the weights are also replayed from the beginning.
 */
export async function verifyTrajectory(engine: Engine, file: Trajectory): Promise<Check[]> {
  const translation = translateReference(file.reference, file.options);
  const state = file.calls[0]!.state;
  if (state === undefined) return [await replay(engine, file, translation)];
  const first = Object.fromEntries(
    Object.entries(state).map(([name, ofParameter]) => [name, translateState(file.reference, ofParameter)]),
  );
  const checks = [await replay(engine, file, translation, first), await firstFactors(engine, file, translation, first)];
  const square = Object.values(file.parameters).every(({ shape }) => shape.length < 2 || shape[0] === shape[1]);
  const updated = Object.values(first).some((slots) => 'm' in slots);
  if (square && !updated) checks.push(await replay(engine, file, translation));
  return checks;
}

/** The reference's state after its first step, by parameter and slot. */
type FirstState = Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;

/** Replays from the start, or from the state after the first step. */
async function replay(engine: Engine, file: Trajectory, translation: Translation, state?: FirstState): Promise<Check> {
  const { optimizer, parameters, program, step } = openReplay(engine, file, translation);
  const skipped = state === undefined ? 0 : 1;
  for (const [name, slots] of Object.entries(state ?? {})) {
    program.write(name, Float32Array.from(file.calls[0]!.parameters[name]!));
    for (const [slot, values] of Object.entries(slots)) {
      // A reference may keep state that this rule does not have.
      if (`${name}/${slot}` in optimizer.stateShapes) program.write(`${name}/${slot}`, Float32Array.from(values));
    }
  }

  // The worst parameter counts, relative to its tolerance.
  let worst = { difference: 0, tolerance: Math.min(...Object.values(file.tolerance)) };
  for (const [index, { parameters: expected }] of file.calls.entries()) {
    if (index < skipped) continue;
    await step(index + 1);
    for (const { name } of parameters) {
      const difference = largestDifference(await program.read(name), expected[name]!);
      const tolerance = file.tolerance[name]!;
      if (!(difference / tolerance <= worst.difference / worst.tolerance)) worst = { difference, tolerance };
    }
  }
  program.dispose();
  const start = state === undefined ? 'from the start' : 'from the reference’s bases';
  return { case: file.name, quantity: `weights, ${file.calls.length - skipped} steps ${start}`, ...worst };
}

/** Tolerance of factors after a single product, relative to their norm. */
const factorTolerance = 1e-5;

/** Compares Kronecker factors and eigenvalues after the first step, from which a trajectory continues; returns the worst. */
async function firstFactors(
  engine: Engine,
  file: Trajectory,
  translation: Translation,
  state: FirstState,
): Promise<Check> {
  const { optimizer, program, step } = openReplay(engine, file, translation);
  await step(1);
  let difference = 0;
  for (const [name, slots] of Object.entries(state)) {
    for (const [slot, expected] of Object.entries(slots)) {
      if (!['L', 'R', 'EL', 'ER'].includes(slot) || !(`${name}/${slot}` in optimizer.stateShapes)) continue;
      const found = relativeDifference(inOrder(slot, await program.read(`${name}/${slot}`)), inOrder(slot, expected));
      if (!(found <= difference)) difference = found;
    }
  }
  program.dispose();
  return {
    case: file.name,
    quantity: 'factors after the first step, relative',
    difference,
    tolerance: factorTolerance,
  };
}

/** Sorts eigenvalues, whose order is arbitrary. */
function inOrder(slot: string, values: ArrayLike<number>): ArrayLike<number> {
  return slot.startsWith('E') ? Float64Array.from(values).sort() : values;
}

/** Opens a program with the trajectory's initial weights, and returns a function that runs a given step. */
function openReplay(engine: Engine, file: Trajectory, { optimizer: name, options }: Translation) {
  const parameters = Object.entries(file.parameters).map(([name, { shape }]): ParameterInfo => ({
    name,
    shape,
    role: shape.length < 2 ? 'vector' : 'matrix',
  }));
  const optimizer = createOptimizer(name, options, parameters);
  const program = engine.open(trainingState(parameters, optimizer));
  for (const { name } of parameters) program.write(name, Float32Array.from(file.parameters[name]!.initial));
  return {
    optimizer,
    parameters,
    program,
    step: async (number: number): Promise<void> => {
      const { lr, gradients } = file.calls[number - 1]!;
      for (const { name } of parameters) program.write(`${name}/grad`, Float32Array.from(gradients[name]!));
      const step = await program.compile(
        updateStep(parameters, optimizer, { phase: optimizer.phaseAt(number), gradClip: null }),
        updateSignature(optimizer),
      );
      await step(optimizer.scalars({ number, lr }));
    },
  };
}
