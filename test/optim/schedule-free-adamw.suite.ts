import { describe, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/engine.js';
import { modelSchema } from '../../src/model/config.js';
import { modelParameters } from '../../src/model/parameters.js';
import { createOptimizer } from '../../src/optim/registry.js';
import { checkpointShapes, checkpointValues, restoreState } from '../../src/run/checkpoint-tensors.js';
import { TrainingProgram } from '../../src/train/training-program.js';
import { expectAllClose } from '../support/allclose.js';
import { OptimizerRun, vectorInfo } from '../support/optimizer-run.js';
import { normals, wholes } from '../support/random.js';
import { scheduleFree64 } from '../support/schedule-free-float64.js';

const options = { lr: 0.05, betas: [0.9, 0.99] as const, eps: 1e-8, weight_decay: 0.1, warmup_steps: 4 };

export function scheduleFreeSuite(engine: Engine): void {
  describe('schedule-free AdamW', () => {
    it('trains at y and evaluates at the average x', async () => {
      const parameters = [vectorInfo(6)];
      const optimizer = createOptimizer('schedule-free-adamw', options, parameters);
      const start = normals('start', 6);
      const run = new OptimizerRun(engine, optimizer, parameters, { w: start });
      const averages = await run.program.compile(
        (state) => ({ state: {}, outputs: optimizer.evaluationWeights(state) }),
        {},
      );
      expectAllClose((await averages({})).w!, start, 0); // before the first call
      const gradients = Array.from({ length: 12 }, (_, i) => Array.from(normals(`gradient ${i}`, 6)));
      for (const [i, { y, x }] of scheduleFree64(Array.from(start), gradients, options).entries()) {
        await run.step({ w: gradients[i]! }, options.lr);
        expectAllClose(await run.read('w'), y, 2e-6);
        expectAllClose((await averages({})).w!, x, 2e-6);
      }
      run.dispose();
    });

    it('is evaluated at the average by a training program too', async () => {
      const model = modelSchema.parse({ n_layer: 1, d_model: 8, n_head: 2, context: 4 });
      const parameters = modelParameters(model, 11);
      const batch = { inputs: wholes('in', 8, 11), targets: wholes('out', 8, 11) };
      const opened = async (optimizer: ReturnType<typeof createOptimizer>) => {
        const common = { model, parameters, sequences: 2, microbatches: 1, gradClip: null };
        const program = await TrainingProgram.open(engine, { ...common, optimizer });
        program.initialize(parameters, 1);
        return program;
      };
      const optimizer = createOptimizer('schedule-free-adamw', options, parameters);
      expect(optimizer.constantRate).toBe(true);
      const program = await opened(optimizer);
      const plain = await opened(createOptimizer('adamw', {}, parameters));
      expect(await program.evaluate([batch])).toBeCloseTo(await plain.evaluate([batch]), 6);
      for (let number = 1; number <= 8; number++) await program.step({ number, lr: 0.05 }, [batch]);
      for (const { name } of parameters) plain.setWeight(name, await program.weight(name));
      const atGradients = await plain.evaluate([batch]);
      const atAverage = await program.evaluate([batch]);
      expect(Math.abs(atAverage - atGradients)).toBeGreaterThan(1e-3);
      program.dispose();
      plain.dispose();
    });

    it('tells the rate of its own warm-up', () => {
      const parameters = [{ name: 'W', shape: [2, 2], role: 'matrix' }] as const;
      const optimizer = createOptimizer('schedule-free-adamw', { warmup_steps: 4 }, parameters);
      const rates = [1, 2, 3, 4, 5].map((number) => optimizer.rateAt({ number, lr: 0.8 }));
      expect(rates).toEqual([0.2, 0.4, 0.6000000000000001, 0.8, 0.8]);
      expect(optimizer.scalars({ number: 2, lr: 0.8 })).toMatchObject({ 'schedule-free-adamw/lr': 0.4 });
      const plain = createOptimizer('adamw', {}, parameters);
      expect(plain.rateAt({ number: 1, lr: 0.8 })).toBe(0.8);
    });

    it('is kept as it is evaluated, and goes on where it was', async () => {
      const model = modelSchema.parse({ n_layer: 1, d_model: 8, n_head: 2, context: 4 });
      const parameters = modelParameters(model, 11);
      const batch = { inputs: wholes('in', 8, 11), targets: wholes('out', 8, 11) };
      const open = async (name: 'schedule-free-adamw' | 'adamw') => {
        const optimizer = createOptimizer(name, name === 'adamw' ? {} : options, parameters);
        const common = { model, parameters, sequences: 2, microbatches: 1, gradClip: null };
        return { optimizer, program: await TrainingProgram.open(engine, { ...common, optimizer }) };
      };
      const { optimizer, program } = await open('schedule-free-adamw');
      program.initialize(parameters, 1);
      for (let number = 1; number <= 5; number++) await program.step({ number, lr: 0.05 }, [batch]);
      const shapes = checkpointShapes(parameters, optimizer);
      const values = await checkpointValues(program, optimizer);
      const weights = await Promise.all(
        Object.keys(shapes.weights).map(async (n) => [n, await values.weight(n)] as const),
      );
      const state = await Promise.all(
        Object.keys(shapes.state).map(async (n) => [n, await values.optimizerState(n)] as const),
      );
      const loss = await program.evaluate([batch]);

      const plain = await open('adamw');
      for (const [name, w] of weights) plain.program.setWeight(name, w);
      expect(await plain.program.evaluate([batch])).toBeCloseTo(loss, 5);
      const again = await open('schedule-free-adamw');
      for (const [name, w] of weights) again.program.setWeight(name, w);
      for (const [name, s] of state) restoreState(again.program, name, s);
      for (const { name } of parameters) expect(await again.program.weight(name)).toEqual(await program.weight(name));
      expect(await again.program.evaluate([batch])).toBe(loss);
      // Training goes on to the same bytes.
      for (const { program: one } of [{ program }, again]) await one.step({ number: 6, lr: 0.05 }, [batch]);
      for (const { name } of parameters) expect(await again.program.weight(name)).toEqual(await program.weight(name));
      for (const one of [program, plain.program, again.program]) one.dispose();
    });
  });
}
