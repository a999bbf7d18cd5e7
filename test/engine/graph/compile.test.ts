import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { compile } from '../../../src/engine/graph/compile.js';
import { nativeBackend } from '../../../src/engine/graph/native.js';
import { expectAllClose } from '../../support/allclose.js';
import { normals } from '../../support/random.js';
import { describeCompiled } from './support.js';

await describeCompiled(() => {
  describe('compile', () => {
    it('gives a function of tensors that computes the same', () => {
      const loss = (x: tf.Tensor, w: tf.Tensor) =>
        tf.mean(tf.square(tf.relu(tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D))));
      const gradient = compile((x, w) => tf.grads(loss)([x, w])[1]!, [{ shape: [4, 3] }, { shape: [3, 2] }]);
      tf.tidy(() => {
        const [x, w] = [tf.tensor(normals('x', 12), [4, 3]), tf.tensor(normals('w', 6), [3, 2])];
        expectAllClose(gradient(x, w).dataSync(), tf.grads(loss)([x, w])[1]!.dataSync(), 1e-6);
        // The tensors are ordinary ones: they mix with eager operations.
        expectAllClose(tf.add(gradient(x, w), w).dataSync(), tf.add(w, gradient(x, w)).dataSync(), 0);
      });
      gradient.dispose();
    });

    it('returns what the function returns: a tensor, a list or a record', () => {
      const sorted = compile((x) => tf.topk(x, 3), [{ shape: [3] }]);
      const list = compile((x) => [tf.neg(x), x], [{ shape: [], dtype: 'int32' }]);
      const single = compile((x) => tf.logicalNot(x), [{ shape: [2], dtype: 'bool' }]);
      tf.tidy(() => {
        const { values, indices } = sorted(tf.tensor1d([2, 9, 4]));
        expect(values.arraySync()).toEqual([9, 4, 2]);
        expect([indices.dtype, indices.arraySync()]).toEqual(['int32', [1, 2, 0]]);
        expect(list(tf.scalar(5, 'int32')).map((x) => x.arraySync())).toEqual([-5, 5]);
        expect(single(tf.tensor1d([true, false], 'bool')).arraySync()).toEqual([0, 1]);
      });
      for (const fn of [sorted, list, single]) fn.dispose();
    });

    it('makes constants of tensors from outside, which stay usable', () => {
      const outside = tf.tensor1d([1, 2]);
      const fn = compile((x) => tf.mul(x, outside), [{ shape: [2] }]);
      expect(outside.arraySync()).toEqual([1, 2]);
      expect(tf.add(outside, 1).arraySync()).toEqual([2, 3]);
      outside.dispose();
      tf.tidy(() => {
        expect(fn(tf.tensor1d([3, 4])).arraySync()).toEqual([3, 8]);
      });
      fn.dispose();
    });

    it('takes arguments that the function does not use', () => {
      const second = compile((_x, y) => tf.neg(y), [{ shape: [1] }, { shape: [2] }]);
      tf.tidy(() => {
        expect(second(tf.tensor1d([1]), tf.tensor1d([2, 3])).arraySync()).toEqual([-2, -3]);
      });
      second.dispose();
    });

    it('frees everything', () => {
      const { binding } = nativeBackend();
      const state = () => [tf.memory().numTensors, binding.getNumOfTensors(), binding.getNumOfSavedModels()];
      const before = state();
      const fn = compile((x) => tf.square(x), [{ shape: [100] }]);
      for (let i = 0; i < 10; i++) tf.dispose(tf.tidy(() => fn(tf.ones([100]))));
      fn.dispose();
      expect(state()).toEqual(before);
    });

    it('refuses other shapes, types and numbers of arguments', () => {
      const fn = compile((x) => tf.neg(x), [{ shape: [2] }]);
      tf.tidy(() => {
        expect(() => fn(tf.zeros([3]))).toThrow('argument 0 is float32 [3], compiled for float32 [2]');
        expect(() => fn(tf.zeros([2], 'int32'))).toThrow('argument 0 is int32 [2], compiled for float32 [2]');
        expect(() => fn()).toThrow('1 tensors expected, got 0');
      });
      fn.dispose();
    });
  });
});
