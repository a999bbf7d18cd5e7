import {
  backend,
  gather,
  grad,
  matMul,
  memory,
  sum,
  tensor,
  tensor1d,
  tensor2d,
  tidy,
  transpose,
  unsortedSegmentSum,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectAllClose } from '../support/allclose.js';
import { normals } from '../support/random.js';

/** Kernels that an engine brings along itself, or that the model leans on. */
export function kernelsSuite(): void {
  describe('segment sum', () => {
    it('adds rows with one id and leaves out ids below and above the range', () => {
      const result = tidy(() => {
        const rows = tensor2d([1, 2, 10, 20, 100, 200, 1000, 2000, 5, 7], [5, 2]);
        return unsortedSegmentSum(rows, tensor1d([2, 0, 2, -1, 0], 'int32'), 4).arraySync();
      });
      expect(result).toEqual([
        [15, 27],
        [0, 0],
        [101, 202],
        [0, 0],
      ]);
    });

    it('adds single numbers and blocks', () => {
      tidy(() => {
        const ids = tensor1d([1, 1, 0], 'int32');
        expect(unsortedSegmentSum(tensor1d([1, 2, 4]), ids, 2).arraySync()).toEqual([4, 3]);
        const blocks = tensor([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [3, 2, 2]);
        expect(unsortedSegmentSum(blocks, ids, 2).arraySync()).toEqual([
          [
            [9, 10],
            [11, 12],
          ],
          [
            [6, 8],
            [10, 12],
          ],
        ]);
      });
    });

    it('is the gradient of gather with repeated tokens', () => {
      const result = tidy(() => {
        const ids = tensor1d([1, 1, 3], 'int32');
        return grad((table: Tensor) => sum(gather(table, ids)))(tensor2d(normals('table', 8), [4, 2])).arraySync();
      });
      expect(result).toEqual([
        [0, 0],
        [2, 2],
        [0, 0],
        [1, 1],
      ]);
    });
  });

  describe.each([
    ['single matrices', []],
    ['one matrix in a batch', [1, 1]],
    ['a batch', [2, 3]],
  ])('products of %s', (_name, batch: number[]) => {
    const [rows, inner, columns] = [3, 4, 5];
    const count = batch.reduce((a, b) => a * b, 1);
    const a = normals('a', count * rows * inner);
    const b = normals('b', count * inner * columns);
    const expected = Float32Array.from({ length: count * rows * columns }, (_, index) => {
      const [matrix, row] = [Math.floor(index / (rows * columns)), Math.floor(index / columns) % rows];
      let dot = 0;
      for (let i = 0; i < inner; i++) {
        dot += a[(matrix * rows + row) * inner + i]! * b[(matrix * inner + i) * columns + (index % columns)]!;
      }
      return dot;
    });
    const swap = [...batch.keys(), batch.length + 1, batch.length];

    it.each([
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ])('transposing the left %s and the right %s', (transposeA, transposeB) => {
      // Temporaries of a kernel are unknown to the count of tensors; the backend knows them.
      const counts = () => [memory().numTensors, backend().numDataIds()];
      const before = counts();
      const product = tidy(() => {
        const A = tensor(a, [...batch, rows, inner]);
        const B = tensor(b, [...batch, inner, columns]);
        const left = transposeA ? transpose(A, swap) : A;
        const right = transposeB ? transpose(B, swap) : B;
        const result = matMul(left, right, transposeA, transposeB);
        expect(result.shape).toEqual([...batch, rows, columns]);
        // The operands are still theirs who made them.
        expectAllClose(left.dataSync(), (transposeA ? transpose(A, swap) : A).dataSync(), 0);
        return result.dataSync();
      });
      expectAllClose(product, expected, 1e-5);
      expect(counts()).toEqual(before);
    });

    it('of a matrix with itself transposed', () => {
      const product = tidy(() => {
        const A = tensor(a, [...batch, rows, inner]);
        return matMul(A, A, false, true).dataSync();
      });
      for (let i = 0; i < rows; i++) {
        const row = a.slice(i * inner, (i + 1) * inner);
        expect(product[i * rows + i]).toBeCloseTo(
          row.reduce((s, x) => s + x * x, 0),
          4,
        );
      }
    });
  });
}
