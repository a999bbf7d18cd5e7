import { z } from 'zod';
import type { Engine } from '../engine/engine.js';
import type { ModelConfig } from '../model/config.js';
import { modelParameters } from '../model/parameters.js';
import { createOptimizer } from '../optim/registry.js';
import type { SafeTensors } from '../train/safetensors.js';
import { TrainingProgram } from '../train/training-program.js';
import { largestDifference, relativeDifference, type Check } from './check.js';
import { translateReference } from './reference-options.js';

const curve = z.object({
  reference: z.string().default('torch.optim.AdamW'),
  options: z.record(z.string(), z.unknown()),
  cross_entropy: z.array(z.number()),
});

/** A golden model: the first loss and gradients, and training curves. test/golden/README.md describes the format. */
export const modelFile = z.object({
  name: z.string(),
  model: z.object({
    vocab_size: z.number().int(),
    d_model: z.number().int(),
    n_layer: z.number().int(),
    n_head: z.number().int(),
    context: z.number().int(),
  }),
  batch: z.number().int(),
  z_loss: z.number(),
  tokens: z.array(z.number().int()),
  first_cross_entropy: z.number(),
  adamw: curve,
  soap: curve,
});

export type GoldenModel = z.infer<typeof modelFile>;

/** Tolerances from test/golden/README.md. SOAP's is wide because its first bases are arbitrary in their null spaces. */
const tolerances = { first: 1e-5, gradient: 1e-4, adamw: 2e-4, soap: 3e-2 };

/** Compares the model's first loss and gradients and its training curves with a golden model. */
export async function verifyModel(
  engine: Engine,
  file: GoldenModel,
  initial: SafeTensors,
  gradients: SafeTensors,
): Promise<Check[]> {
  const checks: Check[] = [];
  const check = (quantity: string, difference: number, tolerance: number) =>
    checks.push({ case: file.name, quantity, difference, tolerance });

  for (const kind of ['adamw', 'soap'] as const) {
    const { losses, firstGradients } = await train(engine, file, kind, initial);
    if (kind === 'adamw') {
      check('first cross-entropy', Math.abs(losses[0]! - file.first_cross_entropy), tolerances.first);
      const worst = Object.entries(gradients).map(([name, { values }]) =>
        relativeDifference(firstGradients[name] ?? [], values),
      );
      check(
        `${worst.length} first gradients, relative`,
        worst.includes(NaN) ? NaN : Math.max(...worst),
        tolerances.gradient,
      );
    }
    const expected = file[kind].cross_entropy;
    check(`${kind} curve, ${expected.length} steps`, largestDifference(losses, expected), tolerances[kind]);
  }
  return checks;
}

async function train(engine: Engine, file: GoldenModel, kind: 'adamw' | 'soap', initial: SafeTensors) {
  const { vocab_size, ...shape } = file.model;
  const model: ModelConfig = {
    ...shape,
    qk_norm: true,
    positions: 'rope',
    tie_embeddings: false,
    fused_qkv: true,
    z_loss: file.z_loss,
  };
  const parameters = modelParameters(model, vocab_size);
  const { optimizer: name, options } = translateReference(file[kind].reference, file[kind].options);
  const optimizer = createOptimizer(name, options, parameters);
  const program = await TrainingProgram.open(engine, {
    model,
    parameters,
    optimizer,
    sequences: file.batch,
    microbatches: 1,
    gradClip: null,
  });
  for (const { name } of parameters) program.setWeight(name, initial[name]!.values);

  const lr = z.number().parse(options.lr);
  const tokensPerBatch = file.batch * model.context;
  // Training cycles through the batches in the tokens.
  const batches = Math.floor((file.tokens.length - 1) / tokensPerBatch);
  const losses: number[] = [];
  const firstGradients: Record<string, Float32Array> = {};
  for (let i = 0; i < file[kind].cross_entropy.length; i++) {
    const start = (i % batches) * tokensPerBatch;
    const batch = {
      inputs: Int32Array.from(file.tokens.slice(start, start + tokensPerBatch)),
      targets: Int32Array.from(file.tokens.slice(start + 1, start + 1 + tokensPerBatch)),
    };
    losses.push((await program.step({ number: i + 1, lr }, [batch])).loss);
    if (i === 0) {
      for (const { name } of parameters) firstGradients[name] = await program.gradient(name);
    }
  }
  program.dispose();
  return { losses, firstGradients };
}
