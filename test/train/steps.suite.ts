import { describe, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/engine.js';
import { modelSchema } from '../../src/model/config.js';
import { modelParameters } from '../../src/model/parameters.js';
import { createOptimizer } from '../../src/optim/registry.js';
import { TrainingProgram, type TrainingProgramOptions } from '../../src/train/training-program.js';
import { expectAllClose, expectDifferent } from '../support/allclose.js';
import { gptLogits64 } from '../support/gpt-float64.js';
import { matrixInfo, OptimizerRun, vectorInfo } from '../support/optimizer-run.js';
import { normals, wholes } from '../support/random.js';

const vocabulary = 13;
const context = 4;
const model = modelSchema.parse({ n_layer: 1, d_model: 8, n_head: 2, context, z_loss: 0.1 });
const parameters = modelParameters(model, vocabulary);
const names = parameters.map(({ name }) => name);

/** Sequences of tokens and their successors; every text has its own. */
function batchOf(label: string, sequences: number) {
  const tokens = wholes(label, sequences * context + 1, vocabulary);
  return { inputs: tokens.slice(0, -1), targets: tokens.slice(1) };
}

function openWith(engine: Engine, options: Partial<TrainingProgramOptions> = {}): Promise<TrainingProgram> {
  const optimizer = createOptimizer('adamw', { weight_decay: 0 }, parameters);
  const all = { model, parameters, optimizer, sequences: 6, microbatches: 1, gradClip: null, ...options };
  return TrainingProgram.open(engine, all);
}

export function stepsSuite(engine: Engine): void {
  const opened = async (options: Partial<TrainingProgramOptions> = {}) => {
    const program = await openWith(engine, options);
    program.initialize(parameters, 3);
    return program;
  };

  describe('a call', () => {
    it.each([2, 3, 6])('over %i microbatches is a call over their whole', async (microbatches) => {
      const whole = batchOf('whole', 6);
      const size = (6 / microbatches) * context;
      const parts = Array.from({ length: microbatches }, (_, i) => ({
        inputs: whole.inputs.slice(i * size, (i + 1) * size),
        targets: whole.targets.slice(i * size, (i + 1) * size),
      }));
      const full = await opened();
      const accumulated = await opened({ sequences: 6 / microbatches, microbatches });
      for (let number = 1; number <= 3; number++) {
        const a = await full.step({ number, lr: 0.01 }, [whole]);
        const b = await accumulated.step({ number, lr: 0.01 }, parts);
        expect(b.loss).toBeCloseTo(a.loss, 5);
        expect(b.gradNorm).toBeCloseTo(a.gradNorm, 5);
        expect(b.updateNorm).toBeCloseTo(a.updateNorm, 3);
        for (const name of names) expectAllClose(await accumulated.gradient(name), await full.gradient(name), 1e-5);
      }
      full.dispose();
      accumulated.dispose();
    });

    it('reports the cross-entropy without the z-loss, of the weights before the update', async () => {
      const program = await opened();
      const batch = batchOf('reported', 6);
      const before = await program.evaluate([batch]);
      const { loss, gradientMs, optimizerMs } = await program.step({ number: 1, lr: 0.05 }, [batch]);
      expect(loss).toBeCloseTo(before, 6);
      expect(gradientMs).toBeGreaterThan(0);
      expect(optimizerMs).toBeGreaterThan(0);
      expect(await program.evaluate([batch])).toBeLessThan(before);
      program.dispose();
    });

    it('trains on the z-loss too', async () => {
      const plain = await opened({ model: { ...model, z_loss: 0 } });
      const withTerm = await opened();
      const batch = batchOf('z', 6);
      const losses = await Promise.all([plain, withTerm].map((p) => p.step({ number: 1, lr: 0.01 }, [batch])));
      expect(losses[1]!.loss).toBe(losses[0]!.loss);
      expectDifferent(await withTerm.gradient('head.weight'), await plain.gradient('head.weight'), 1e-3);
      plain.dispose();
      withTerm.dispose();
    });

    it('reports the norms of the gradient and of the change of the weights', async () => {
      const program = await opened();
      const before = await Promise.all(names.map((name) => program.weight(name)));
      const { gradNorm, updateNorm } = await program.step({ number: 1, lr: 0.01 }, [batchOf('norms', 6)]);
      const squares = async (valuesOf: (name: string, index: number) => Promise<number[]>) =>
        (await Promise.all(names.map(valuesOf))).flat().reduce((sum, x) => sum + x * x, 0);
      const change = await squares(async (name, i) =>
        Array.from(await program.weight(name), (w, j) => w - before[i]![j]!),
      );
      const gradient = await squares(async (name) => Array.from(await program.gradient(name)));
      expect(updateNorm / Math.sqrt(change)).toBeCloseTo(1, 5);
      expect(gradNorm / Math.sqrt(gradient)).toBeCloseTo(1, 5);
      program.dispose();
    });

    it('starts its gradient anew', async () => {
      const program = await opened({ sequences: 3, microbatches: 2 });
      const parts = [batchOf('one', 3), batchOf('two', 3)];
      await program.step({ number: 1, lr: 0 }, parts);
      const first = await program.gradient('head.weight');
      await program.step({ number: 2, lr: 0 }, parts);
      expect(await program.gradient('head.weight')).toEqual(first);
      program.dispose();
    });

    it('refuses another number of microbatches', async () => {
      const program = await opened({ sequences: 3, microbatches: 2 });
      await expect(program.step({ number: 1, lr: 0.01 }, [batchOf('one', 3)])).rejects.toThrow('expected 2');
      program.dispose();
    });
  });

  describe('clipping', () => {
    const infos = [matrixInfo(3, 2), vectorInfo(4)];
    const gradients = { W: normals('W', 6), w: normals('w', 4) };
    const norm = Math.sqrt([...gradients.W, ...gradients.w].reduce((sum, x) => sum + x * x, 0));

    /** With β = 0 the state m is the gradient that the optimizer was given. */
    const given = async (gradClip: number | null, scale = 1) => {
      const optimizer = createOptimizer('adamw', { betas: [0, 0.9] }, infos);
      const run = new OptimizerRun(engine, optimizer, infos);
      const scaled = { W: gradients.W.map((x) => x * scale), w: gradients.w.map((x) => x * scale) };
      const { gradNorm } = await run.step(scaled, 0.1, gradClip);
      const seen = [...(await run.read('W/m')), ...(await run.read('w/m'))];
      run.dispose();
      return { gradNorm, seen };
    };
    const all = [...gradients.W, ...gradients.w];

    it('scales all gradients to the norm when together they are longer, and reports the norm before', async () => {
      const { gradNorm, seen } = await given(norm / 4);
      expect(gradNorm).toBeCloseTo(norm, 5);
      expectAllClose(
        seen,
        all.map((x) => x / 4),
        1e-5,
      );
    });

    it('leaves shorter ones, and all of them with null', async () => {
      expectAllClose((await given(norm * 1.01)).seen, all, 1e-6);
      expectAllClose((await given(null)).seen, all, 0);
    });

    it('keeps zero gradients finite', async () => {
      expectAllClose((await given(1, 0)).seen, new Float32Array(10), 0);
    });
  });

  describe('evaluate', () => {
    it('is the mean loss over batches, in nats a token', async () => {
      const program = await opened();
      const batches = [batchOf('first', 2), batchOf('second', 2), batchOf('third', 2)];
      const weights = Object.fromEntries(
        await Promise.all(names.map(async (name) => [name, await program.weight(name)] as const)),
      );
      const losses = batches.flatMap(({ inputs, targets }) =>
        [0, 1].flatMap((sequence) => {
          const range = [sequence * context, (sequence + 1) * context] as const;
          const logits = gptLogits64(model, weights, Array.from(inputs.slice(...range)));
          return Array.from(targets.slice(...range), (target, t) => {
            const row = logits[t]!;
            return Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0)) - row[target]!;
          });
        }),
      );
      const mean = losses.reduce((a, b) => a + b, 0) / losses.length;
      expect(await program.evaluate(batches)).toBeCloseTo(mean, 5);
      program.dispose();
    });

    it('changes nothing, and takes batches of another size', async () => {
      const program = await opened();
      const before = await program.weight('head.weight');
      const one = await program.evaluate([batchOf('size', 1)]);
      await program.evaluate([batchOf('other', 5)]);
      expect(await program.weight('head.weight')).toEqual(before);
      expect(await program.evaluate([batchOf('size', 1)])).toBe(one);
      program.dispose();
    });
  });

  describe('a program', () => {
    it('starts from the seed, whatever the engine', async () => {
      const [program, other] = [await opened(), await openWith(engine)];
      other.initialize(parameters, 4);
      expectDifferent(await program.weight('embed.weight'), await other.weight('embed.weight'), 0.01);
      expect(await program.weight('norm.weight')).toEqual(new Float32Array(8).fill(1));
      program.dispose();
      other.dispose();
    });
  });
}
