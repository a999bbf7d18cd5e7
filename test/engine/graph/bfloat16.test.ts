import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { compile } from '../../../src/engine/graph/compile.js';
import { layerNorm } from '../../../src/model/layers.js';
import { normals } from '../../support/random.js';
import { describeCompiled } from './support.js';

/** The nearest bfloat16: the upper half of a float32, rounded to even. */
function rounded(x: number): number {
  const bits = new Uint32Array(Float32Array.of(x).buffer)[0]!;
  const up = bits + 0x7fff + ((bits >>> 16) & 1);
  return new Float32Array(Uint32Array.of(up & 0xffff0000).buffer)[0]!;
}

await describeCompiled(() => {
  describe('products in bfloat16', () => {
    const [a, b] = [normals('a', 12), normals('b', 12)];

    it.each([
      ['of matrices', [3, 4], [4, 3]],
      ['of batches', [1, 3, 4], [1, 4, 3]],
    ])('%s have rounded operands and results, summed up in float32', (_name, left, right) => {
      const product = compile((x, y) => tf.matMul(x, y), [{ shape: left }, { shape: right }], { products: 'bfloat16' });
      const actual = tf.tidy(() => Array.from(product(tf.tensor(a, left), tf.tensor(b, right)).dataSync()));
      product.dispose();
      const expected = Array.from({ length: 9 }, (_, at) => {
        const [row, column] = [Math.floor(at / 3), at % 3];
        return [0, 1, 2, 3].reduce((sum, k) => sum + rounded(a[4 * row + k]!) * rounded(b[3 * k + column]!), 0);
      });
      for (const [i, x] of actual.entries()) {
        expect(x).toBe(rounded(x));
        // Half a unit in the last of 8 bits, and what rounding of the sum may add.
        expect(Math.abs(x - expected[i]!)).toBeLessThanOrEqual(2 ** -8 * Math.abs(expected[i]!) + 1e-6);
      }
    });

    it('leave all else in float32, sums written as products with a vector among it', () => {
      const fn = (x: tf.Tensor, w: tf.Tensor) => tf.grads((x, w) => tf.sum(tf.square(layerNorm(x, w))))([x, w]);
      const signature = [{ shape: [3, 4] }, { shape: [4] }];
      const run = (products: 'float32' | 'bfloat16') => {
        const compiled = compile((x, w) => fn(x, w), signature, { products });
        const values = tf.tidy(() =>
          compiled(tf.tensor(a, [3, 4]), tf.tensor(b.slice(0, 4))).map((y) => [...y.dataSync()]),
        );
        compiled.dispose();
        return values;
      };
      expect(run('bfloat16')).toEqual(run('float32'));
    });
  });
});
