import { tensor2d, tidy } from '@tensorflow/tfjs-core';
import { Matrix, SVD } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { orthogonalized } from '../../src/optim/matrix/newton-schulz.js';
import { expectAllClose } from '../support/allclose.js';
import { normalMatrix } from '../support/random.js';

const run = (X: Matrix, steps: number, precision: 'float32' | 'bfloat16' = 'float32') =>
  Matrix.from1DArray(
    X.rows,
    X.columns,
    Array.from(tidy(() => orthogonalized(tensor2d(X.to2DArray()), steps, precision).dataSync())),
  );

export function newtonSchulzSuite(): void {
  describe('orthogonalized', () => {
    it.each([
      [4, 6],
      [7, 3],
      [5, 5],
      [1, 6],
      [6, 1],
    ])('brings the singular values of %i×%i near one and keeps the vectors', (rows, columns) => {
      const X = normalMatrix(`X ${rows}`, rows, columns);
      const Y = run(X, 5);
      const { diagonal } = new SVD(rows < columns ? Y.transpose() : Y);
      for (const value of diagonal) expect(Math.abs(value - 1)).toBeLessThan(0.35);
      // U·S·Vᵀ and U·S'·Vᵀ have the same vectors when X·Yᵀ is symmetric.
      const product = X.mmul(Y.transpose());
      expectAllClose(product.to1DArray(), product.transpose().to1DArray(), 1e-4);
    });

    it('does not look at the scale, and leaves zero alone', () => {
      const X = normalMatrix('X', 3, 5);
      expectAllClose(run(Matrix.mul(X, 1e-4), 5).to1DArray(), run(X, 5).to1DArray(), 1e-4);
      expect(
        run(Matrix.zeros(3, 5), 5)
          .to1DArray()
          .every((value) => value === 0),
      ).toBe(true);
    });

    it('rounds to eight bits in bfloat16', () => {
      const Y = run(normalMatrix('X', 3, 5), 5, 'bfloat16');
      const rounded = Y.to1DArray().map((value) => {
        const unit = 2 ** (Math.floor(Math.log2(Math.abs(value))) - 7);
        return Math.round(value / unit) * unit;
      });
      expect(Y.to1DArray()).toEqual(rounded);
      expect(run(normalMatrix('X', 3, 5), 5).to1DArray()).not.toEqual(rounded);
    });
  });
}
