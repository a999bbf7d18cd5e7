import { tensor2d, tidy, type Tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { qr, symmetricEigen } from '../../src/ops/linear-algebra.js';
import { eigenbasis, inverseRoot, refreshBasis, type RefreshRules } from '../../src/optim/matrix-functions.js';
import { expectAllClose } from '../support/allclose.js';
import { normalMatrix, symmetricWith } from '../support/random.js';

const authors: RefreshRules = { method: 'qr', powerIterations: 1, sort: 'before_qr', eigenvalueOrder: 'descending' };
const runs = { numRuns: 12, seed: 1 };
const sizes = fc.integer({ min: 1, max: 7 });
const labels = fc.integer({ min: 0, max: 1000 }).map(String);

const toTensor = (matrix: Matrix) => tensor2d(Float32Array.from(matrix.to1DArray()), [matrix.rows, matrix.columns]);
const toMatrix = (tensor: Tensor) => Matrix.from1DArray(tensor.shape[0], tensor.shape[1]!, tensor.dataSync());
const numbers = (matrix: Matrix) => matrix.to1DArray();
const gram = (Q: Matrix) => numbers(Q.transpose().mmul(Q));
const identity = (size: number) => numbers(Matrix.eye(size));

/** Positive definite, with eigenvalues from 1 to 100. */
const definite = (label: string, size: number) =>
  symmetricWith(
    label,
    Array.from({ length: size }, (_, i) => 100 ** (i / Math.max(1, size - 1))),
  );

export function matrixFunctionsSuite(): void {
  const each = (test: (label: string, size: number) => void) => {
    fc.assert(
      fc.property(labels, sizes, (label, size) => {
        tidy(() => {
          test(label, size);
        });
      }),
      runs,
    );
  };

  describe('linear algebra kernels', () => {
    it('decompose symmetric matrices: QΛQᵀ = A, values ascending', () => {
      each((label, size) => {
        const noise = normalMatrix(label, size, size);
        const A = Matrix.add(noise, noise.transpose());
        const { values, vectors } = symmetricEigen(toTensor(A));
        const Q = toMatrix(vectors);
        const lambda = Array.from(values.dataSync());
        expectAllClose(numbers(Q.mmul(Matrix.diag(lambda)).mmul(Q.transpose())), numbers(A), 1e-5 * size);
        expectAllClose(gram(Q), identity(size), 1e-5);
        expect(lambda).toEqual(lambda.toSorted((a, b) => a - b));
      });
    });

    it.each([
      [4, 4],
      [6, 3],
      [5, 1],
    ])('decompose a %i × %i matrix into orthonormal Q and upper triangular R', (rows, columns) => {
      tidy(() => {
        const X = normalMatrix('qr', rows, columns);
        const { Q, R } = qr(toTensor(X));
        expect([Q.shape, R.shape]).toEqual([
          [rows, columns],
          [columns, columns],
        ]);
        expectAllClose(gram(toMatrix(Q)), identity(columns), 1e-5);
        expectAllClose(numbers(toMatrix(Q).mmul(toMatrix(R))), numbers(X), 1e-5);
        const below = R.arraySync().flatMap((row, i) => row.filter((_, j) => j < i));
        expectAllClose(below, Array<number>(below.length).fill(0), 1e-6);
      });
    });
  });

  describe('eigenbasis', () => {
    it('has orthonormal columns by descending eigenvalue', () => {
      each((label, size) => {
        const A = definite(label, size);
        const Q = toMatrix(eigenbasis(toTensor(A), 1e-30, 'descending'));
        expectAllClose(gram(Q), identity(size), 1e-5);
        const values = Q.transpose().mmul(A).mmul(Q);
        const expected = Array.from({ length: size }, (_, i) => 100 ** (i / Math.max(1, size - 1))).reverse();
        expectAllClose(numbers(values), numbers(Matrix.diag(expected)), 2e-3);
      });
    });
  });

  describe('refreshBasis', () => {
    it('gives orthonormal columns from any basis', () => {
      each((label, size) => {
        const start = toMatrix(qr(toTensor(normalMatrix(`${label} start`, size, size))).Q);
        const { basis } = refreshBasis(toTensor(definite(label, size)), toTensor(start), authors);
        expectAllClose(gram(toMatrix(basis)), identity(size), 1e-5);
      });
    });

    it('leaves eigenvectors alone but for signs, and sorts them', () => {
      tidy(() => {
        const A = toTensor(Matrix.diag([2, 5, 3]));
        const { basis, order } = refreshBasis(A, toTensor(Matrix.eye(3)), authors);
        expect(Array.from(order.dataSync())).toEqual([1, 2, 0]);
        const sorted = [0, 0, 1, 1, 0, 0, 0, 1, 0]; // columns e1, e2, e0
        expectAllClose(
          basis.dataSync().map((value) => Math.abs(value)),
          sorted,
          1e-6,
        );
      });
    });

    it('converges to the eigenvectors', () => {
      tidy(() => {
        const A = definite('converging', 5);
        let basis: Tensor = toTensor(Matrix.eye(5));
        for (let i = 0; i < 30; i++) basis = refreshBasis(toTensor(A), basis, authors).basis;
        const Q = toMatrix(basis);
        const diagonal = Q.transpose().mmul(A).mmul(Q);
        expectAllClose(numbers(diagonal), numbers(Matrix.diag(diagonal.diagonal())), 1e-3);
        expect(diagonal.get(0, 0)).toBeCloseTo(100, 2);
      });
    });
  });

  describe('inverseRoot', () => {
    it.each([4, 2.5, 2])('of order %f: Xᵖ·A = I on matrices that are not isotropic', (p) => {
      each((label, size) => {
        const A = definite(label, size);
        const X = toMatrix(inverseRoot(toTensor(A), 1 / p, 1e-12));
        expectAllClose(numbers(power(X, p).mmul(A)), identity(size), 2e-3);
      });
    });

    it('adds ε before the root', () => {
      tidy(() => {
        const X = inverseRoot(toTensor(Matrix.diag([3, 15])), 0.5, 1);
        expectAllClose(X.dataSync(), [1 / 2, 0, 0, 1 / 4], 1e-6);
      });
    });

    it('shifts negative eigenvalues up to ε', () => {
      tidy(() => {
        // Eigenvalues −1 + ε and 2 + ε become ε and 3 + ε.
        const X = inverseRoot(toTensor(Matrix.diag([-1, 2])), 0.5, 1 / 16);
        expectAllClose(X.dataSync(), [4, 0, 0, 1 / Math.sqrt(3 + 1 / 16)], 1e-5);
      });
    });

    it('stays finite where ε is lost in rounding', () => {
      tidy(() => {
        const zero = inverseRoot(toTensor(Matrix.zeros(3, 3)), 0.25, 1e-12);
        expectAllClose(zero.dataSync(), numbers(Matrix.eye(3).mul(1e3)), 1e-2);
        const rounded = inverseRoot(toTensor(Matrix.diag([-500, 1e10, 3])), 0.25, 1e-12);
        expect(rounded.dataSync().every(Number.isFinite)).toBe(true);
      });
    });
  });

  it('refuse matrices that are not square', () => {
    tidy(() => {
      const X = toTensor(Matrix.zeros(2, 3));
      expect(() => eigenbasis(X, 0, 'descending')).toThrow('[2, 3] is not square');
      expect(() => inverseRoot(X, 1, 1)).toThrow('not square');
      expect(() => refreshBasis(X, X, authors)).toThrow('not square');
    });
  });
}

/** Power of a positive definite matrix, in float64. */
function power(X: Matrix, exponent: number): Matrix {
  const symmetric = Matrix.add(X, X.transpose()).mul(0.5);
  const { realEigenvalues, eigenvectorMatrix: Q } = new EigenvalueDecomposition(symmetric);
  return Q.mmul(Matrix.diag(realEigenvalues.map((value) => value ** exponent))).mmul(Q.transpose());
}
