import * as tf from '@tensorflow/tfjs-core';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { EagerProgram } from '../../../src/engine/eager.js';
import type { CompiledStep, Program, Signature, StepFunction } from '../../../src/engine/engine.js';
import { CompiledProgram } from '../../../src/engine/graph/compiled-program.js';
import { Graph, typeOf } from '../../../src/engine/graph/graph.js';
import { nativeBackend } from '../../../src/engine/graph/native.js';
import { Session } from '../../../src/engine/graph/session.js';
import { Variable } from '../../../src/engine/graph/variables.js';
import { SoapBenchError } from '../../../src/errors.js';
import { expectAllClose } from '../../support/allclose.js';
import { normals } from '../../support/random.js';
import { describeCompiled } from './support.js';

const compileOn = (program: Program, fn: StepFunction, signature: Signature = {}): Promise<CompiledStep> =>
  program.compile(fn, signature);

/** Adds `by` to x. */
const increment: StepFunction = ({ x }, { by }) => ({ state: { x: tf.add(x!, by!) }, outputs: {} });
const scalarBy: Signature = { by: { shape: [], dtype: 'float32' } };

const nodeWithoutType = { id: 0, inputs: [], controls: [], attributes: {}, outputs: [] };

async function rejection(promise: Promise<unknown>): Promise<SoapBenchError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SoapBenchError);
  return error as SoapBenchError;
}

await describeCompiled(() => {
  describe('state of a compiled program', () => {
    it('may be read and written by one step, also crosswise', async () => {
      const fn: StepFunction = ({ x, y }) => {
        const product = tf.matMul(x as tf.Tensor2D, y as tf.Tensor2D);
        // Both sides use x, y goes where x was, and the output is what x was before.
        return { state: { x: tf.clone(y!), y: tf.add(product, x!) }, outputs: { before: tf.clone(x!), product } };
      };
      const programs = [EagerProgram, CompiledProgram].map((Kind) => new Kind({ x: [3, 3], y: [3, 3] }));
      const results = await Promise.all(
        programs.map(async (program) => {
          program.write('x', normals('x', 9));
          program.write('y', normals('y', 9));
          const step = await compileOn(program, fn);
          const outputs = [await step({}), await step({}), await step({})];
          return { outputs, x: await program.read('x'), y: await program.read('y') };
        }),
      );
      const [eager, compiled] = results as [(typeof results)[0], (typeof results)[0]];
      for (const i of [0, 1, 2]) {
        for (const name of ['before', 'product']) {
          expectAllClose(compiled.outputs[i]![name]!, eager.outputs[i]![name]!, 1e-5);
        }
      }
      expectAllClose(compiled.x, eager.x, 1e-5);
      expectAllClose(compiled.y, eager.y, 1e-4);
      for (const program of programs) program.dispose();
    });

    it('is one for all steps, also those compiled after others have run', async () => {
      const program = new CompiledProgram({ x: [2], untouched: [2] });
      program.write('untouched', Float32Array.of(7, 8));
      const add = await compileOn(program, increment, scalarBy);
      await add({ by: 1 });
      const double = await compileOn(program, ({ x }) => ({ state: { x: tf.mul(x!, 2) }, outputs: {} }));
      await double({});
      await add({ by: 0.5 });
      program.write(
        'x',
        tf.tidy(() => tf.ones([2]).dataSync<'float32'>()),
      );
      const report = await compileOn(program, ({ x, untouched }) => ({
        state: {},
        outputs: { sum: tf.add(x!, untouched!) },
      }));
      expect(await report({})).toEqual({ sum: Float32Array.of(8, 9) });
      await double({});
      expect(await program.read('x')).toEqual(Float32Array.of(2, 2));
      expect(await program.read('untouched')).toEqual(Float32Array.of(7, 8));
      program.dispose();
    });

    it('uses no memory of the arrays that it was given, whatever their alignment', async () => {
      const names = ['a', 'b', 'c', 'd'];
      const program = new CompiledProgram(Object.fromEntries(names.map((name) => [name, [4]])));
      // TensorFlow shares memory that begins at a multiple of 64 bytes: one of these four does.
      const memory = new Float32Array(16).fill(1);
      const given = names.map((_, i) => memory.subarray(4 * i, 4 * i + 4));
      names.forEach((name, i) => {
        program.write(name, given[i]!);
      });
      memory.fill(2);
      for (const name of names) expect([...(await program.read(name))], name).toEqual([1, 1, 1, 1]);
      const step = await compileOn(program, ({ a }) => ({ state: { a: tf.add(a!, 1) }, outputs: {} }));
      await step({});
      memory.fill(3);
      expect([...(await program.read('a'))]).toEqual([2, 2, 2, 2]);
      for (const name of names.slice(1)) expect([...(await program.read(name))], name).toEqual([1, 1, 1, 1]);
      program.dispose();
    });

    it('is not shared between programs', async () => {
      const [a, b] = [new CompiledProgram({ x: [1] }), new CompiledProgram({ x: [1] })];
      const [stepA, stepB] = [await compileOn(a, increment, scalarBy), await compileOn(b, increment, scalarBy)];
      await stepA({ by: 1 });
      await stepB({ by: 10 });
      await stepA({ by: 1 });
      expect(await a.read('x')).toEqual(Float32Array.of(2));
      expect(await b.read('x')).toEqual(Float32Array.of(10));
      a.dispose();
      await stepB({ by: 10 });
      expect(await b.read('x')).toEqual(Float32Array.of(20));
      b.dispose();
    });

    it('read after a step is that step’s, and reading twice is the same', async () => {
      const program = new CompiledProgram({ x: [1], y: [1] });
      const step = await compileOn(program, increment, scalarBy);
      for (let i = 1; i <= 3; i++) {
        await step({ by: 1 });
        expect(await program.read('x')).toEqual(Float32Array.of(i));
        expect(await program.read('x')).toEqual(Float32Array.of(i));
        program.write('y', Float32Array.of(i));
        expect(await program.read('y')).toEqual(Float32Array.of(i));
      }
      program.dispose();
    });
  });

  describe('a compiled step', () => {
    it('is loaded once when compiled again', async () => {
      const program = new CompiledProgram({ x: [1] });
      await (
        await compileOn(program, increment, scalarBy)
      )({ by: 1 });
      const { binding } = nativeBackend();
      const before = binding.getNumOfSavedModels();
      const folders = readdirSync(tmpdir()).length;
      const again = await compileOn(program, increment, scalarBy);
      await again({ by: 1 });
      expect(binding.getNumOfSavedModels()).toBe(before);
      expect(readdirSync(tmpdir()).length).toBe(folders);
      expect(await program.read('x')).toEqual(Float32Array.of(2));
      program.dispose();
      expect(binding.getNumOfSavedModels()).toBe(before - 1);
    });

    it('leaves no folder behind, also when TensorFlow refuses the graph', async () => {
      const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith('soap-bench-graph-'));
      const before = folders();
      const program = new CompiledProgram({ x: [1] });
      await (
        await compileOn(program, increment, scalarBy)
      )({ by: 1 });
      program.dispose();
      expect(() => new Session([{ ...nodeWithoutType, op: 'NoSuchOp' }])).toThrow('NoSuchOp');
      expect(folders()).toEqual(before);
    });

    it('takes inputs that it does not use', async () => {
      const program = new CompiledProgram({ x: [1] });
      const step = await compileOn(program, ({ x }) => ({ state: {}, outputs: { x: x! } }), scalarBy);
      expect(await step({ by: 3 })).toEqual({ x: Float32Array.of(0) });
      program.dispose();
    });

    // With a shape TensorFlow would allocate the state a second time when it is stored.
    it('stores values without declaring their shapes', () => {
      const { newValue } = new Variable(new Graph(), 'W', [4096, 4096]);
      expect(newValue.node.attributes).not.toHaveProperty('shape');
      expect(typeOf(newValue).shape).toEqual([4096, 4096]);
    });

    it('leaves neither tensors nor memory behind', async () => {
      const { binding } = nativeBackend();
      const fn: StepFunction = ({ W }, { ids }) => {
        const [dW] = tf.grads((w) => tf.mean(tf.square(tf.gather(w, ids as tf.Tensor1D))))([W!]);
        return { state: { W: tf.sub(W!, dW!) }, outputs: { norm: tf.sum(tf.square(dW!)) } };
      };
      const before = { ...tf.memory() };
      const native = binding.getNumOfTensors();
      const program = new CompiledProgram({ W: [64, 64] });
      program.write('W', normals('W', 64 * 64));
      const step = await compileOn(program, fn, { ids: { shape: [8], dtype: 'int32' } });
      const ids = Int32Array.of(1, 5, 5, 2, 63, 0, 0, 9);
      await step({ ids });
      const during = binding.getNumOfTensors();
      const resident = process.memoryUsage().rss;
      for (let i = 0; i < 200; i++) await step({ ids });
      expect(binding.getNumOfTensors()).toBe(during);
      expect(during).toBe(native);
      process.stderr.write(
        `resident memory over 200 compiled steps: ${((process.memoryUsage().rss - resident) / 2 ** 20).toFixed(1)} MiB more\n`,
      );
      await program.read('W');
      program.dispose();
      expect(binding.getNumOfTensors()).toBe(native);
      expect(tf.memory().numTensors).toBe(before.numTensors);
      expect(tf.memory().numBytes).toBe(before.numBytes);
    });

    it('frees what it was given when the run fails, says why, and can run again', async () => {
      const { binding } = nativeBackend();
      const program = new CompiledProgram({ table: [4, 2] });
      const step = await compileOn(
        program,
        ({ table }, { ids }) => ({ state: {}, outputs: { rows: tf.gather(table!, ids as tf.Tensor1D) } }),
        { ids: { shape: [1], dtype: 'int32' } },
      );
      await step({ ids: Int32Array.of(3) });
      const tensors = binding.getNumOfTensors();
      const error = await rejection(step({ ids: Int32Array.of(4) }));
      expect(error.code).toBe('step_failed');
      expect(error.message).toContain('indices[0] = 4 is not in [0, 4)');
      expect(binding.getNumOfTensors()).toBe(tensors);
      expect(await step({ ids: Int32Array.of(0) })).toEqual({ rows: new Float32Array(2) });
      program.dispose();
    });
  });

  describe('what cannot be compiled', () => {
    it('is named with the place of the call', async () => {
      const program = new CompiledProgram({ image: [1, 4, 4, 1] });
      const error = await rejection(
        compileOn(program, ({ image }) => ({
          state: {},
          outputs: { pooled: tf.maxPool(image as tf.Tensor4D, 2, 2, 'same') },
        })),
      );
      expect(error.code).toBe('op_not_compilable');
      expect(error.message).toMatch(
        /^MaxPool \(TensorFlow's MaxPool\) .*, called at .*compiled-program\.test\.ts:\d+:\d+$/,
      );
      program.dispose();
    });

    it('is reading a value', async () => {
      const program = new CompiledProgram({ x: [1] });
      const error = await rejection(
        compileOn(program, ({ x }) => ({ state: { x: tf.mul(x!, x!.dataSync()[0]!) }, outputs: {} })),
      );
      expect(error.code).toBe('value_not_known');
      expect(error.message).toMatch(/called at .*compiled-program\.test\.ts:\d+:\d+$/);
      program.dispose();
    });

    it('is a step that does not fit the state', async () => {
      const program = new CompiledProgram({ x: [2] });
      const returns = (state: () => Record<string, tf.Tensor>) =>
        compileOn(program, () => ({ state: state(), outputs: {} }));
      await expect(returns(() => ({ z: tf.zeros([2]) }))).rejects.toThrow('no state named z');
      await expect(returns(() => ({ x: tf.zeros([3]) }))).rejects.toThrow(
        'x is float32 [2], a step returned float32 [3]',
      );
      await expect(returns(() => ({ x: tf.zeros([2], 'int32') }))).rejects.toThrow('a step returned int32 [2]');
      program.dispose();
    });

    it('leaves TensorFlow.js on the backend it was on, without its tensors', async () => {
      const before = tf.memory().numTensors;
      const program = new CompiledProgram({});
      await expect(
        compileOn(program, () => {
          tf.zeros([3]);
          throw new Error('in the middle');
        }),
      ).rejects.toThrow('in the middle');
      expect(tf.getBackend()).toBe('tensorflow');
      expect(tf.memory().numTensors).toBe(before);
      program.dispose();
    });
  });
});
