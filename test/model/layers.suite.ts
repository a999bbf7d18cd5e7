import {
  cast,
  engine,
  grad,
  mul,
  profile,
  scalar,
  sum,
  tensor,
  tensor1d,
  tensor2d,
  tidy,
  add,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { describe, expect, it, vi } from 'vitest';
import { causalAttention, causalMask } from '../../src/model/attention.js';
import { lossTerms, scoresOf } from '../../src/model/cross-entropy.js';
import { gelu, layerNorm, linear, mergeHeads, rotaryTables, rotate, splitHeads } from '../../src/model/layers.js';
import { countFlops } from '../../src/optim/cost/counting.js';
import { expectAllClose } from '../support/allclose.js';
import { attention64, gelu64, layerNorm64, linear64, rotate64 } from '../support/gpt-float64.js';
import { normals, wholes } from '../support/random.js';

const rowsOf = (values: ArrayLike<number>, columns: number) =>
  Array.from({ length: values.length / columns }, (_, row) =>
    Array.from({ length: columns }, (_, i) => values[row * columns + i]!),
  );

export function layersSuite(): void {
  describe('layers against float64', () => {
    it('linear is x·Wᵀ', () => {
      const [x, W] = [normals('x', 12), normals('W', 20)];
      const y = tidy(() => linear(tensor2d(x, [3, 4]), tensor2d(W, [5, 4])).dataSync());
      expectAllClose(y, linear64(rowsOf(x, 4), W).flat(), 1e-5);
    });

    it('layerNorm', () => {
      // Small enough for the 1e-5 beside the variance to count.
      const x = normals('x', 12).map((value) => value * 0.01 + 2);
      const weight = normals('weight', 4);
      const y = tidy(() => layerNorm(tensor2d(x, [3, 4]), tensor1d(weight)).dataSync());
      expectAllClose(
        y,
        rowsOf(x, 4).flatMap((row) => layerNorm64(row, weight)),
        1e-3,
      );
      const plain = normals('x', 12);
      const z = tidy(() => layerNorm(tensor2d(plain, [3, 4]), tensor1d(weight)).dataSync());
      expectAllClose(
        z,
        rowsOf(plain, 4).flatMap((row) => layerNorm64(row, weight)),
        1e-5,
      );
    });

    it('gelu is exact, not the tanh approximation', () => {
      const x = [-3, -1, -0.5, 0, 0.5, 1, 3];
      const y = tidy(() => gelu(tensor1d(x)).dataSync());
      expectAllClose(y, x.map(gelu64), 2e-6);
    });

    it('rotary positions turn pairs (i, i + size/2)', () => {
      const x = normals('x', 1 * 1 * 5 * 6);
      const y = tidy(() => rotate(tensor(x, [1, 1, 5, 6]), rotaryTables(5, 6)).dataSync());
      expectAllClose(y, rowsOf(x, 6).flatMap(rotate64), 1e-5);
    });

    it.each([1, 3, 4, 128])('attention sees itself and what came before, in blocks of %i', (blockSize) => {
      const [q, k, v] = ['q', 'k', 'v'].map((name) => normals(name, 4 * 3)) as [
        Float32Array,
        Float32Array,
        Float32Array,
      ];
      const y = tidy(() => {
        const [Q, K, V] = [q, k, v].map((x) => tensor(x, [1, 1, 4, 3])) as [Tensor, Tensor, Tensor];
        return causalAttention(Q, K, V, causalMask(4), blockSize).dataSync();
      });
      expectAllClose(y, attention64(rowsOf(q, 3), rowsOf(k, 3), rowsOf(v, 3)).flat(), 1e-5);
    });

    it('heads are split by columns, and merged back', () => {
      tidy(() => {
        const x = tensor2d(normals('x', 2 * 3 * 4), [6, 4]);
        const split = splitHeads(x, 3, 2);
        expect(split.shape).toEqual([2, 2, 3, 2]);
        const value = (b: number, t: number, column: number) => x.arraySync()[b * 3 + t]![column];
        const heads = split.arraySync() as number[][][][];
        expect(heads[1]![1]![2]![0]).toBe(value(1, 2, 2));
        expect(Array.from(mergeHeads(split).dataSync())).toEqual(Array.from(x.dataSync()));
      });
    });
  });

  describe('lossTerms', () => {
    const logits = normals('logits', 12).map((value) => 2 * value);
    const targets = Int32Array.of(3, 0, 3);

    it('are the mean negative log-likelihood and the mean square of log Z', () => {
      const rows = rowsOf(logits, 4);
      const logZ = rows.map((row) => Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0)));
      const [crossEntropy, squared] = tidy(() => {
        const terms = lossTerms(tensor2d(logits, [3, 4]), tensor1d(targets, 'int32'));
        return [terms.crossEntropy.dataSync()[0]!, terms.squaredLogPartition.dataSync()[0]!];
      });
      const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
      expect(crossEntropy).toBeCloseTo(mean(rows.map((row, i) => logZ[i]! - row[targets[i]!]!)), 5);
      expect(squared).toBeCloseTo(mean(logZ.map((z) => z * z)), 4);
    });

    it.each([
      [4, [4]],
      [3, [3, 1]],
      [1, [1, 1, 1, 1]],
    ])('index as many elements at once as int32 reaches: %i rows', async (rows, parts) => {
      const values = normals('logits', 20);
      const ids = Int32Array.of(4, 0, 2, 1);
      const x = tensor2d(values, [4, 5]);
      const { result, kernels } = await profile(() => scoresOf(tensor1d(ids, 'int32'), x, rows * 5 + 4));
      expect(Array.from((result as Tensor).dataSync())).toEqual(Array.from(ids, (id, row) => values[row * 5 + id]!));
      const gathered = kernels.filter(({ name }) => name === 'GatherV2').map(({ inputShapes }) => inputShapes[0]);
      expect(gathered).toEqual(parts.map((part) => [part * 5]));
    });

    it('are cut up where the index of a score is beyond int32', () => {
      const run = vi.spyOn(engine(), 'runKernel');
      countFlops((tensorOf) => {
        const scores = scoresOf(cast(tensorOf([43_000]), 'int32'), tensorOf([43_000, 50_257]));
        expect(scores.shape).toEqual([43_000]);
      });
      const gathers = run.mock.calls.filter(([name]) => name === 'GatherV2');
      expect(gathers.map(([, { x }]) => x!.size)).toEqual([42_730 * 50_257, 270 * 50_257]);
      run.mockRestore();
    });

    it('stay finite for logits of ±1000', () => {
      const values = tidy(() => {
        const f = (x: Tensor) => lossTerms(x, tensor1d([1], 'int32')).crossEntropy.asScalar();
        const x = tensor2d([1000, -1000], [1, 2]);
        return [f(x).dataSync()[0]!, ...grad(f)(x).dataSync()];
      });
      expectAllClose(values, [2000, 1, -1], 1e-3);
    });
  });

  describe('gradients against finite differences', () => {
    /** Compares the gradient of sum(weights · fn(x)) with central differences. */
    const check = (fn: (x: Tensor) => Tensor, shape: number[], tolerance = 5e-3) => {
      const size = shape.reduce((a, b) => a * b, 1);
      const x = normals('point', size);
      const outputSize = tidy(() => fn(tensor(x, shape)).size);
      const weights = normals('weights', outputSize);
      const value = (at: Tensor) => sum(mul(fn(at).flatten(), tensor1d(weights))).asScalar();
      const analytic = tidy(() => grad(value)(tensor(x, shape)).dataSync());
      const h = 1e-2;
      const numeric = Array.from(x, (_, i) => {
        const at = (shift: number) => {
          const moved = x.slice();
          moved[i]! += shift;
          // Summed in float64: the difference of two float32 sums would be too rough.
          return tidy(() =>
            Array.from(fn(tensor(moved, shape)).flatten().dataSync()).reduce((s, y, j) => s + y * weights[j]!, 0),
          );
        };
        return (at(h) - at(-h)) / (2 * h);
      });
      expectAllClose(analytic, numeric, tolerance);
    };

    it('gelu', () => {
      check(gelu, [7]);
    });
    it('layerNorm in its input and its weight', () => {
      const weight = normals('w', 4);
      check((x) => layerNorm(x, tensor1d(weight)), [2, 4]);
      check((w) => layerNorm(tensor2d(normals('x', 8), [2, 4]), w), [4]);
    });
    it.each([1, 3, 128])('attention in queries, keys and values, in blocks of %i', (blockSize) => {
      const fixed = () => tensor(normals('fixed', 8), [1, 1, 4, 2]);
      check((q) => causalAttention(q, fixed(), fixed(), causalMask(4), blockSize), [1, 1, 4, 2]);
      check((k) => causalAttention(fixed(), k, fixed(), causalMask(4), blockSize), [1, 1, 4, 2]);
      check((v) => causalAttention(fixed(), fixed(), v, causalMask(4), blockSize), [1, 1, 4, 2]);
    });
    it('rotary positions', () => {
      check((x) => rotate(x, rotaryTables(3, 4)), [1, 1, 3, 4]);
    });
    it('lossTerms: each term, and the loss with a z-loss', () => {
      const targets = () => tensor1d(wholes('targets', 3, 5), 'int32');
      check((x) => lossTerms(x, targets()).crossEntropy, [3, 5]);
      check((x) => lossTerms(x, targets()).squaredLogPartition, [3, 5]);
      check(
        (x) => {
          const { crossEntropy, squaredLogPartition } = lossTerms(x, targets());
          return add(crossEntropy, mul(squaredLogPartition, scalar(0.3)));
        },
        [3, 5],
      );
    });
  });
}
