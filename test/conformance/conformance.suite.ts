import { memory } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { EagerProgram } from '../../src/engine/eager.js';
import type { Engine } from '../../src/engine/engine.js';
import { stateBytes } from '../../src/optim/optimizer.js';
import { createOptimizer, optimizerNames, type OptimizerName } from '../../src/optim/registry.js';
import { expectAllClose } from '../support/allclose.js';
import { operationByOperation } from '../support/engines.js';
import { matrixInfo, OptimizerRun, vectorInfo, type Values } from '../support/optimizer-run.js';
import { normals } from '../support/random.js';
import { problems, type Problem } from './problems.js';
import { rows } from './rows.js';

const mixed = [matrixInfo(5, 4, 'matrix'), vectorInfo(6, 'vector')];

const openOn = (
  engine: Engine,
  name: OptimizerName,
  parameters: Problem['parameters'],
  more: object = {},
  weights: Values = {},
) => {
  const optimizer = createOptimizer(name, { ...rows[name].options, ...more }, parameters);
  return new OptimizerRun(engine, optimizer, parameters, weights);
};

/** What every optimizer has to do, whatever it is. */
export function conformanceSuite(engine: Engine): void {
  solvingSuite(engine);
  stepsSuite(engine);
}

/** That every optimizer comes to solutions: operation by operation, and {@link stepsSuite} compares the two. */
function solvingSuite(engine: Engine): void {
  const eager = operationByOperation(engine);

  describe.each(optimizerNames)('%s', (name) => {
    const { options, oversize, lr = () => 0.1 } = rows[name];

    const solve = async ({ name: problem, parameters, evaluate }: Problem, more: object = {}) => {
      const run = openOn(eager, name, parameters, more);
      const weights = async () =>
        Object.fromEntries(
          await Promise.all(parameters.map(async ({ name }) => [name, await run.read(name)] as const)),
        );
      const start = evaluate(await weights()).loss;
      for (let call = 1; call <= 100; call++) {
        // Down to nearly zero, so that what oscillates around the solution settles.
        await run.step(evaluate(await weights()).gradients, lr(problem) * (1 - call / 101));
      }
      const end = evaluate(await weights()).loss;
      run.dispose();
      return end / start;
    };

    it.each(problems.map((problem) => [problem.name, problem] as const))('solves %s', async (_name, problem) => {
      expect(await solve(problem)).toBeLessThan(problem.within);
    });

    it.runIf(oversize)('works with a side that is too long for a factor', async () => {
      const parameters = [matrixInfo(12, 3)];
      const shapes = Object.values(createOptimizer(name, { ...options, ...oversize }, parameters).stateShapes);
      expect(shapes).toContainEqual([3, 3]);
      expect(shapes).not.toContainEqual([12, 12]);
      const target = normals('oversize', 36);
      const evaluate = ({ W }: Values) => {
        const W_ = Array.from(W!, (w, i) => w - target[i]!);
        return { loss: W_.reduce((sum, d) => sum + d * d, 0), gradients: { W: W_ } };
      };
      expect(await solve({ name: 'oversize', parameters, within: 0.01, evaluate }, oversize)).toBeLessThan(0.01);
    });

    it.each([NaN, Infinity, 1e25])('goes through calls whose gradients are %d, for the loop to see', async (value) => {
      const run = openOn(
        eager,
        name,
        mixed,
        {},
        { matrix: normals('weights', 20), vector: normals('more weights', 6) },
      );
      const good = { matrix: normals('G', 20), vector: normals('g', 6) };
      const bad = { matrix: new Float32Array(20).fill(value), vector: new Float32Array(6).fill(value) };
      for (let call = 1; call <= 4; call++) await run.step(good, 0.1);
      let seen = false;
      for (let call = 5; call <= 16; call++) {
        const { gradNorm, updateNorm, refreshFailures = 0 } = await run.step(bad, 0.1);
        seen ||= !Number.isFinite(gradNorm) || !Number.isFinite(updateNorm) || refreshFailures > 0;
      }
      expect(seen).toBe(true);
      run.dispose();
    });
  });
}

/** What every step of an optimizer keeps to, in the engine's own way. */
export function stepsSuite(engine: Engine): void {
  describe.each(optimizerNames)('%s', (name) => {
    const { options, phases, decay = {} } = rows[name];
    const open = openOn.bind(undefined, engine, name);

    it('leaves weights and state finite when gradients are zero', async () => {
      const weights = { matrix: normals('weights', 20), vector: normals('more weights', 6) };
      const run = open(mixed, {}, weights);
      for (let i = 0; i < 25; i++) await run.step({ matrix: new Float32Array(20), vector: new Float32Array(6) }, 0.1);
      for (const [name, values] of Object.entries(weights)) expectAllClose(await run.read(name), values, 1e-6);
      for (const slot of Object.keys(run.optimizer.stateShapes))
        expect((await run.read(slot)).every(Number.isFinite)).toBe(true);
      run.dispose();
    });

    it('decays weights by lr · weight_decay when gradients are zero', async () => {
      const more = decay === 'averaged' ? {} : decay;
      const run = open([matrixInfo(5, 4)], { weight_decay: 0.5, ...more }, { W: normals('decayed', 20) });
      const zero = { W: new Float32Array(20) };
      await run.step(zero, 0.1); // SOAP's first call changes nothing.
      const before = await run.read('W');
      for (let i = 0; i < 12; i++) await run.step(zero, 0.1);
      const after = await run.read('W');
      const whole = 0.95 ** 12;
      if (decay === 'averaged') {
        const kept = Array.from(after, (w, i) => w / before[i]!);
        expect(Math.min(...kept)).toBeGreaterThan(whole);
        expect(Math.max(...kept)).toBeLessThan(0.9);
      } else {
        expectAllClose(
          after,
          Array.from(before, (w) => w * whole),
          1e-5,
        );
      }
      run.dispose();
    });

    it('goes through all of its phases', () => {
      const optimizer = createOptimizer(name, options, mixed);
      const seen = new Set(Array.from({ length: 25 }, (_, i) => optimizer.phaseAt(i + 1)));
      expect([...seen].sort()).toEqual(phases);
    });

    const train = async (run: OptimizerRun, calls: number) => {
      await run.prepare(25);
      for (let i = 0; i < calls; i++) {
        const label = String(run.calls);
        await run.step({ matrix: normals(`matrix ${label}`, 20), vector: normals(`vector ${label}`, 6) }, 0.01);
      }
    };
    const everything = async (run: OptimizerRun) => {
      const entries = ['matrix', 'vector', ...Object.keys(run.optimizer.stateShapes)];
      return Object.fromEntries(
        await Promise.all(entries.map(async (entry) => [entry, await run.read(entry)] as const)),
      );
    };

    it('does the same twice, bit for bit, also when its state moves to another program on the way', async () => {
      const whole = open(mixed);
      await train(whole, 25);
      const first = open(mixed);
      await train(first, 11);
      const second = open(mixed);
      second.write(await everything(first));
      second.calls = first.calls;
      await train(second, 14);
      expect(await everything(second)).toEqual(await everything(whole));
      for (const run of [whole, first, second]) run.dispose();
    });

    it.runIf(engine.compiled)('does compiled what it does operation by operation', async () => {
      const square = [matrixInfo(4, 4, 'matrix'), vectorInfo(6, 'vector')];
      const optimizer = createOptimizer(name, options, square);
      const results = [];
      for (const on of [engine, operationByOperation(engine)]) {
        const run = new OptimizerRun(on, optimizer, square);
        await run.prepare(12);
        for (let i = 0; i < 12; i++) {
          await run.step({ matrix: normals(`square ${i}`, 16), vector: normals(`vector ${i}`, 6) }, 0.01);
        }
        results.push([...(await run.read('matrix')), ...(await run.read('vector'))]);
        run.dispose();
      }
      expectAllClose(results[0]!, results[1]!, 1e-4);
    });

    it('frees what it allocates, and takes the state bytes that it says', async () => {
      const optimizer = createOptimizer(name, options, mixed);
      const before = memory();
      // Compiled state is in a session, out of TensorFlow.js's sight.
      const program = new EagerProgram(optimizer.stateShapes);
      expect(memory().numBytes - before.numBytes).toBe(stateBytes(optimizer));
      program.dispose();
      const run = open(mixed);
      const gradients = { matrix: normals('leak', 20), vector: normals('leaking', 6) };
      await run.step(gradients, 0.01);
      // Updates that returned another shape would change the bytes.
      const { numTensors, numBytes } = memory();
      for (let i = 0; i < 50; i++) {
        await run.step(gradients, 0.01);
        expect(memory()).toMatchObject({ numTensors, numBytes });
      }
      run.dispose();
      expect(memory().numTensors).toBe(before.numTensors);
    });
  });
}
