import { z } from 'zod';
import type { Engine } from '../engine/engine.js';
import type { ParameterInfo } from '../optim/optimizer.js';
import { createOptimizer } from '../optim/registry.js';
import { trainingState, updateSignature, updateStep } from '../train/steps.js';
import { largestDifference, type Check } from './check.js';
import { translateReference, type Translation } from './reference-options.js';
import { translateState } from './reference-state.js';

/** A golden trajectory of an optimizer: given gradients in, weights out. The format's words are in test/golden/README.md. */
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
 * Replays a trajectory's gradients and compares the weights after every call.
 *
 * Where the file holds the reference's state after the first call, the replay starts from it, because a rank-deficient
 * factor leaves its null space's basis open. Where all matrices are square and the first call made no update, it is
 * replayed from the beginning as well.
 */
export async function verifyTrajectory(engine: Engine, file: Trajectory): Promise<Check[]> {
  const translation = translateReference(file.reference, file.options);
  const state = file.calls[0]!.state;
  if (state === undefined) return [await replay(engine, file, translation)];
  const first = Object.fromEntries(
    Object.entries(state).map(([name, ofParameter]) => [name, translateState(file.reference, ofParameter)]),
  );
  const checks = [await replay(engine, file, translation, first)];
  const square = Object.values(file.parameters).every(({ shape }) => shape.length < 2 || shape[0] === shape[1]);
  const updated = Object.values(first).some((slots) => 'm' in slots);
  if (square && !updated) checks.push(await replay(engine, file, translation));
  return checks;
}

/** From the start, or from the state after the first call, by parameter and slot. */
async function replay(
  engine: Engine,
  file: Trajectory,
  { optimizer: name, options }: Translation,
  state?: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>,
): Promise<Check> {
  const parameters = Object.entries(file.parameters).map(([name, { shape }]): ParameterInfo => ({
    name,
    shape,
    role: shape.length < 2 ? 'vector' : 'matrix',
  }));
  const optimizer = createOptimizer(name, options, parameters);
  const program = engine.open(trainingState(parameters, optimizer));
  for (const { name } of parameters) program.write(name, Float32Array.from(file.parameters[name]!.initial));

  const skipped = state === undefined ? 0 : 1;
  for (const [name, slots] of Object.entries(state ?? {})) {
    program.write(name, Float32Array.from(file.calls[0]!.parameters[name]!));
    for (const [slot, values] of Object.entries(slots)) {
      // What this rule does not keep, a reference may.
      if (`${name}/${slot}` in optimizer.stateShapes) program.write(`${name}/${slot}`, Float32Array.from(values));
    }
  }

  // The worst parameter decides, each measured against its own tolerance.
  let worst = { difference: 0, tolerance: Math.min(...Object.values(file.tolerance)) };
  for (const [index, { lr, gradients, parameters: expected }] of file.calls.entries()) {
    if (index < skipped) continue;
    const call = { number: index + 1, lr };
    for (const { name } of parameters) program.write(`${name}/grad`, Float32Array.from(gradients[name]!));
    const phase = optimizer.phaseAt(call.number);
    const step = await program.compile(
      updateStep(parameters, optimizer, { phase, gradClip: null }),
      updateSignature(optimizer),
    );
    await step(optimizer.scalars(call));
    for (const { name } of parameters) {
      const difference = largestDifference(await program.read(name), expected[name]!);
      const tolerance = file.tolerance[name]!;
      if (!(difference / tolerance <= worst.difference / worst.tolerance)) worst = { difference, tolerance };
    }
  }
  program.dispose();
  const start = state === undefined ? 'from the start' : 'from the reference’s bases';
  return { case: file.name, quantity: `weights, ${file.calls.length - skipped} calls ${start}`, ...worst };
}
