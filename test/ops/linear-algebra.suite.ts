import { tidy } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { Matrix } from 'ml-matrix';
import { describe, it } from 'vitest';
import { identity, triangularSolve } from '../../src/ops/linear-algebra.js';
import { expectAllClose } from '../support/allclose.js';
import { normalMatrix } from '../support/random.js';
import { toMatrix, toTensor } from '../support/tensors.js';

const sizes = fc.integer({ min: 1, max: 7 });

/** Kernels that an engine brings along itself. */
export function linearAlgebraSuite(): void {
  describe('triangularSolve', () => {
    it.each([
      [true, false],
      [true, true],
      [false, false],
      [false, true],
    ])('with lower %s and adjoint %s reads its triangle alone', (lower, adjoint) => {
      fc.assert(
        fc.property(sizes, sizes, (size, columns) => {
          const full = Matrix.add(normalMatrix('triangle', size, size).mul(0.5), Matrix.eye(size).mul(3));
          const B = normalMatrix('right side', size, columns);
          const triangle = full.clone();
          for (let i = 0; i < size; i++)
            for (let j = 0; j < size; j++) if (lower ? j > i : j < i) triangle.set(i, j, 0);
          tidy(() => {
            const X = toMatrix(triangularSolve(toTensor(full), toTensor(B), { lower, adjoint }));
            const product = (adjoint ? triangle.transpose() : triangle).mmul(X);
            expectAllClose(product.to1DArray(), B.to1DArray(), 1e-5);
          });
        }),
        { numRuns: 12, seed: 1 },
      );
    });
  });

  it('the identity is one', () => {
    tidy(() => {
      expectAllClose(identity(3).dataSync(), [1, 0, 0, 0, 1, 0, 0, 0, 1], 0);
    });
  });
}
