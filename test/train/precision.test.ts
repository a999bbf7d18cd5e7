import { describe, expect, it } from 'vitest';
import { EagerProgram } from '../../src/engine/eager.js';
import { modelSchema } from '../../src/model/config.js';
import { modelParameters } from '../../src/model/parameters.js';
import { createOptimizer } from '../../src/optim/registry.js';
import { TrainingProgram } from '../../src/train/training-program.js';
import { describeCompiled } from '../engine/graph/support.js';

const vocabulary = 16;
const model = modelSchema.parse({ n_layer: 2, d_model: 32, n_head: 2, context: 16 });
const parameters = modelParameters(model, vocabulary);
const sequences = 8;

/** Tokens that follow from the one before, but for every fourth: something to learn, and something to be unsure of. */
function batch(seed: number) {
  const inputs = new Int32Array(sequences * model.context);
  const targets = new Int32Array(inputs.length);
  let token = seed % vocabulary;
  for (let i = 0; i < inputs.length; i++) {
    inputs[i] = token;
    token = i % 4 === 3 ? (token * 7 + seed + i) % vocabulary : (token * 5 + 3) % vocabulary;
    targets[i] = token;
  }
  return { inputs, targets };
}

await describeCompiled((engine) => {
  const open = async (precision: 'float32' | 'bfloat16', { seed = 1 } = {}) => {
    const optimizer = createOptimizer('adamw', { lr: 3e-3 }, parameters);
    const options = { model, parameters, optimizer, sequences, microbatches: 1, gradClip: null, precision };
    const program = await TrainingProgram.open(engine, options);
    program.initialize(parameters, seed);
    return program;
  };
  const losses = async (program: TrainingProgram, steps = 60) => {
    const values: number[] = [];
    for (let number = 1; number <= steps; number++) {
      values.push((await program.step({ number, lr: 3e-3 }, [batch(number)])).loss);
    }
    program.dispose();
    return values;
  };

  describe('training with products in bfloat16', () => {
    it('follows float32 more closely than another seed does', async () => {
      const single = await losses(await open('float32'));
      const half = await losses(await open('bfloat16'));
      const other = await losses(await open('float32', { seed: 2 }));
      const distance = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + Math.abs(x - b[i]!), 0) / a.length;
      expect(half).not.toEqual(single);
      expect(distance(half, single)).toBeLessThan(distance(other, single) / 2);
      expect(Math.abs(half.at(-1)! - single.at(-1)!)).toBeLessThan(0.02 * single.at(-1)!);
      expect(half.at(-1)!).toBeLessThan(half[0]! - 0.5);
    });

    it('is refused by engines that run operation by operation', async () => {
      const eager = {
        ...engine,
        compiled: false,
        open: (shapes: Record<string, readonly number[]>) => new EagerProgram(shapes),
      };
      const optimizer = createOptimizer('adamw', {}, parameters);
      const shape = { model, parameters, optimizer, sequences, microbatches: 1, gradClip: null };
      await expect(TrainingProgram.open(eager, { ...shape, precision: 'bfloat16' })).rejects.toMatchObject({
        code: 'precision_not_available',
      });
    });
  });
});
