import { z } from 'zod';
import type { Engine } from '../engine/engine.js';
import type { ParameterInfo } from '../optim/optimizer.js';
import { createOptimizer } from '../optim/registry.js';
import { trainingState, updateSignature, updateStep } from '../train/steps.js';
import { largestDifference, type Check } from './check.js';
import { translateReference } from './reference-options.js';

const matrices = z.array(z.array(z.number()).nullable());

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
        // SOAP's factors and bases; other references keep other things.
        state: z
          .record(z.string(), z.object({ GG: matrices.optional(), Q: matrices.optional() }).nullable())
          .optional(),
      }),
    )
    .min(1),
});

export type Trajectory = z.infer<typeof trajectoryFile>;

/**
 * Replays a trajectory's gradients and compares the weights after every call.
 *
 * Where the file holds the reference's bases after the first call, the replay starts from them, because a rank-deficient
 * factor leaves its null space's basis open. Where all matrices are square it is replayed from the beginning as well.
 */
export async function verifyTrajectory(engine: Engine, file: Trajectory): Promise<Check[]> {
  if (file.calls[0]!.state === undefined) return [await replay(engine, file, 'from the start')];
  const square = Object.values(file.parameters).every(({ shape }) => shape.length < 2 || shape[0] === shape[1]);
  const checks = [await replay(engine, file, 'from the reference’s bases')];
  if (square) checks.push(await replay(engine, file, 'from the start'));
  return checks;
}

async function replay(
  engine: Engine,
  file: Trajectory,
  start: 'from the start' | 'from the reference’s bases',
): Promise<Check> {
  const { optimizer: name, options } = translateReference(file.reference, file.options);
  const parameters = Object.entries(file.parameters).map(([name, { shape }]): ParameterInfo => ({
    name,
    shape,
    role: shape.length < 2 ? 'vector' : 'matrix',
  }));
  const optimizer = createOptimizer(name, options, parameters);
  const program = engine.open(trainingState(parameters, optimizer));
  for (const { name } of parameters) program.write(name, Float32Array.from(file.parameters[name]!.initial));

  const first = file.calls[0]!;
  const skipped = start === 'from the start' ? 0 : 1;
  if (skipped === 1) {
    for (const { name } of parameters) {
      program.write(name, Float32Array.from(first.parameters[name]!));
      const state = first.state?.[name];
      const slots = { L: state?.GG?.[0], R: state?.GG?.[1], QL: state?.Q?.[0], QR: state?.Q?.[1] };
      for (const [slot, values] of Object.entries(slots)) {
        if (values) program.write(`${name}/${slot}`, Float32Array.from(values));
      }
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
  return { case: file.name, quantity: `weights, ${file.calls.length - skipped} calls ${start}`, ...worst };
}
