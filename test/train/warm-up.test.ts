import { describe, expect, it } from 'vitest';
import type { CompiledStep, Engine, Program } from '../../src/engine/engine.js';
import { modelSchema } from '../../src/model/config.js';
import { modelParameters } from '../../src/model/parameters.js';
import { createOptimizer } from '../../src/optim/registry.js';
import { TrainingProgram } from '../../src/train/training-program.js';
import { describeCompiled } from '../engine/graph/support.js';
import { wholes } from '../support/random.js';

const vocabulary = 61;
const context = 16;
const model = modelSchema.parse({ n_layer: 1, d_model: 32, n_head: 2, context });
const parameters = modelParameters(model, vocabulary);
const optimizers = {
  soap: { precondition_frequency: 3 },
  shampoo: { precondition_frequency: 3, start_preconditioning_step: 6 },
} as const;
const calls = 12;

function batchOf(label: string) {
  const tokens = wholes(label, 4 * context + 1, vocabulary);
  return { inputs: tokens.slice(0, -1), targets: tokens.slice(1) };
}

function opened(engine: Engine, name: keyof typeof optimizers): Promise<TrainingProgram> {
  const optimizer = createOptimizer(name, optimizers[name], parameters);
  return TrainingProgram.open(engine, { model, parameters, optimizer, sequences: 4, microbatches: 2, gradClip: 1 });
}

/** Losses and norms of some calls, with an evaluation in between, and a weight at the end. */
async function trained(engine: Engine, name: keyof typeof optimizers, warm: boolean) {
  const program = await opened(engine, name);
  program.initialize(parameters, 5);
  await program.prepare(calls);
  if (warm) {
    await program.warmUp(calls, batchOf('warm'));
    program.initialize(parameters, 5);
  }
  const numbers: number[] = [];
  for (let number = 1; number <= calls; number++) {
    const batches = [batchOf(`a ${number}`), batchOf(`b ${number}`)];
    const { loss, gradNorm, updateNorm } = await program.step({ number, lr: 0.01 }, batches);
    numbers.push(loss, gradNorm, updateNorm);
    if (number % 5 === 0) numbers.push(await program.evaluate([batchOf('validation')]));
  }
  const weight = await program.weight('blocks.0.mlp.up.weight');
  program.dispose();
  return { numbers, weight };
}

/** An engine whose steps count their runs. */
function counting(engine: Engine): { engine: Engine; runs: number[] } {
  const runs: number[] = [];
  const open = (shapes: Parameters<Engine['open']>[0]): Program => {
    const program = engine.open(shapes);
    return {
      compile: async (...words) => {
        const step = await program.compile(...words);
        const index = runs.push(0) - 1;
        return ((inputs) => {
          runs[index]! += 1;
          return step(inputs);
        }) satisfies CompiledStep;
      },
      write: program.write.bind(program),
      read: program.read.bind(program),
      dispose: program.dispose.bind(program),
    };
  };
  return { engine: { ...engine, open }, runs };
}

await describeCompiled((engine) => {
  describe.each(['soap', 'shampoo'] as const)('training with %s', (name) => {
    it('gives the same numbers again, bit for bit, warmed up or not', async () => {
      const first = await trained(engine, name, false);
      expect(first.numbers.every(Number.isFinite)).toBe(true);
      expect(await trained(engine, name, true)).toEqual(first);
    });

    it('has run every step once when it is warm, and compiles none later', async () => {
      const { engine: counted, runs } = counting(engine);
      const program = await opened(counted, name);
      program.initialize(parameters, 5);
      await program.prepare(calls);
      const prepared = runs.length;
      const seconds = await program.warmUp(calls, batchOf('warm'));
      expect(runs).toEqual(new Array(prepared).fill(1));
      expect(Object.keys(seconds)).toHaveLength(prepared);
      expect(Object.values(seconds).every((time) => time > 0)).toBe(true);
      program.initialize(parameters, 5);
      for (let number = 1; number <= calls; number++) {
        await program.step({ number, lr: 0.01 }, [batchOf('a'), batchOf('b')]);
      }
      await program.evaluate([batchOf('validation')]);
      await program.inspect(calls);
      expect(runs).toHaveLength(prepared);
      program.dispose();
    });
  });
});
