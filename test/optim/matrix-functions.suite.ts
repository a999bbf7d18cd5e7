import { scalar, tensor2d, tidy, type Tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { qr, symmetricEigen } from '../../src/ops/linear-algebra.js';
import { eigenbasis, inverseRoot, refreshBasis, type RefreshRules } from '../../src/optim/matrix/matrix-functions.js';
import { guarded } from '../../src/optim/matrix/matrix-functions-guard.js';
import { coupledNewtonRoot } from '../../src/optim/matrix/matrix-functions-newton.js';
import { shampooOptions } from '../../src/optim/shampoo/options.js';
import { inverseRoots } from '../../src/optim/shampoo/roots.js';
import { expectAllClose } from '../support/allclose.js';
import { normalMatrix, symmetricWith } from '../support/random.js';
import { toMatrix, toTensor } from '../support/tensors.js';

const authors: RefreshRules = { method: 'qr', powerIterations: 1, sort: 'before_qr', eigenvalueOrder: 'descending' };
const runs = { numRuns: 12, seed: 1 };
const sizes = fc.integer({ min: 1, max: 7 });
const labels = fc.integer({ min: 0, max: 1000 }).map(String);

const numbers = (matrix: Matrix) => matrix.to1DArray();
const gram = (Q: Matrix) => numbers(Q.transpose().mmul(Q));
const identity = (size: number) => numbers(Matrix.eye(size));

/** Positive definite, with eigenvalues from 1 to 100. */
const definite = (label: string, size: number) => symmetricWith(label, definiteValues(size));

const definiteValues = (size: number) => Array.from({ length: size }, (_, i) => 100 ** (i / Math.max(1, size - 1)));

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

  describe('refreshBasis by other rules', () => {
    const A = definite('ruled', 5);
    const start = () => toTensor(Matrix.eye(5));
    const diagonal = (basis: Tensor) => {
      const Q = toMatrix(basis);
      return Q.transpose().mmul(A).mmul(Q).diagonal();
    };

    it('comes as far in three power iterations as in three refreshes', () => {
      tidy(() => {
        const unsorted: RefreshRules = { ...authors, sort: 'after_qr' };
        const atOnce = refreshBasis(toTensor(A), start(), { ...unsorted, powerIterations: 3 }).basis;
        let step: Tensor = start();
        for (let i = 0; i < 3; i++) step = qr(toTensor(A.mmul(toMatrix(step)))).Q;
        const sorted = (values: number[]) => values.toSorted((a, b) => b - a);
        expectAllClose(sorted(diagonal(atOnce)), sorted(diagonal(step)), 1e-3);
      });
    });

    it.each([
      ['descending', 'qr', 'after_qr'],
      ['ascending', 'qr', 'after_qr'],
      ['descending', 'eigh', 'before_qr'],
      ['ascending', 'eigh', 'before_qr'],
    ] as const)('sorts %s by %s', (eigenvalueOrder, method, sort) => {
      tidy(() => {
        const rules: RefreshRules = { method, sort, eigenvalueOrder, powerIterations: 1 };
        const { basis, order } = refreshBasis(toTensor(A), start(), rules);
        const values = diagonal(basis);
        const sign = eigenvalueOrder === 'descending' ? -1 : 1;
        expectAllClose(
          values,
          values.toSorted((a, b) => sign * (a - b)),
          1e-3,
        );
        expect(Array.from(order.dataSync()).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4]);
        expectAllClose(gram(toMatrix(basis)), identity(5), 1e-5);
        const exact = Math.max(
          ...definiteValues(5).map((value, i) => Math.abs(value - values.toSorted((a, b) => a - b)[i]!)),
        );
        if (method === 'eigh') expect(exact).toBeLessThan(1e-3);
        else expect(exact).toBeGreaterThan(1e-2);
      });
    });

    it('gives the order of the old columns', () => {
      tidy(() => {
        const D = toTensor(Matrix.diag([2, 5, 3]));
        const orderBy = (rules: Partial<RefreshRules>) =>
          Array.from(refreshBasis(D, toTensor(Matrix.eye(3)), { ...authors, ...rules }).order.dataSync());
        expect(orderBy({ eigenvalueOrder: 'ascending' })).toEqual([0, 2, 1]);
        expect(orderBy({ sort: 'after_qr' })).toEqual([1, 2, 0]);
        expect(orderBy({ method: 'eigh' })).toEqual([1, 2, 0]);
        expect(orderBy({ method: 'eigh', eigenvalueOrder: 'ascending' })).toEqual([0, 2, 1]);
      });
    });
  });

  describe('guarded', () => {
    const values = (X: Tensor) => Array.from(X.dataSync());
    const standIn = () => ({ inverse: toTensor(Matrix.eye(2).mul(7)) });

    it.each([
      ['a finite matrix', [1, 2, 3, 4], [2, 4, 6, 8], 0],
      ['NaN', [1, NaN, 3, 4], [7, 0, 0, 7], 1],
      ['infinity', [1, 2, -Infinity, 4], [7, 0, 0, 7], 1],
      ['what overflows in the function', [1e29, 0, 0, 1], [7, 0, 0, 7], 1],
    ])('meets %s', (_name, matrix, expected, failed) => {
      tidy(() => {
        const seen: number[] = [];
        const result = guarded(
          tensor2d(matrix, [2, 2]),
          (usable) => {
            seen.push(...values(usable));
            return { inverse: usable.mul(matrix[0] === 1e29 ? 1e10 : 2) };
          },
          standIn(),
        );
        expect(seen.every(Number.isFinite)).toBe(true);
        expect(values(result.result.inverse)).toEqual(expected);
        expect(values(result.failed)).toEqual([failed]);
      });
    });
  });

  describe('coupledNewtonRoot', () => {
    it.each([1, 2, 3, 4, 6])('of order %i: Xᵖ·A = I on matrices that are not isotropic', (p) => {
      each((label, size) => {
        const A = definite(label, size);
        const { root, residual } = coupledNewtonRoot(toTensor(A), p, 1e-12, 30);
        expect(residual.dataSync()[0]).toBeLessThan(1e-4);
        expectAllClose(numbers(power(toMatrix(root), p).mmul(A)), identity(size), 2e-3);
      });
    });

    it('is the iteration of the paper in float64, before and after convergence', () => {
      each((label, size) => {
        for (const [p, iterations] of [
          [2, 3],
          [4, 6],
          [4, 25],
        ] as const) {
          const A = Matrix.add(definite(label, size), Matrix.eye(size).mul(0.5));
          const { root, residual } = coupledNewtonRoot(toTensor(definite(label, size)), p, 0.5, iterations);
          const expected = newton64(A, p, iterations);
          expectAllClose(numbers(toMatrix(root)), numbers(expected.root), 2e-4);
          expect(Math.abs(residual.dataSync()[0]! - expected.residual)).toBeLessThan(2e-4);
        }
      });
    });

    it('says by its residual that it has not converged, or has diverged', () => {
      tidy(() => {
        const few = coupledNewtonRoot(toTensor(Matrix.diag([1, 1e4])), 4, 1e-12, 4);
        expect(few.residual.dataSync()[0]).toBeGreaterThan(0.1);
        const indefinite = coupledNewtonRoot(toTensor(Matrix.diag([1, -0.5])), 4, 1e-12, 30);
        expect(indefinite.residual.dataSync()[0]! < 0.1).toBe(false);
      });
    });
  });

  describe('inverseRoots of Shampoo by Newton, with the default epsilon', () => {
    // Factors after one gradient of a wide matrix, and after many that differ by orders of magnitude.
    const factors: Readonly<Record<string, Matrix>> = {
      'of rank 4': symmetricWith('low rank', [...[9, 4, 2, 1], ...Array<number>(20).fill(0)]),
      'of a wide spectrum': symmetricWith(
        'wide',
        Array.from({ length: 24 }, (_, i) => 10 ** (-i / 2)),
      ),
      'of zeros': Matrix.zeros(6, 6),
    };

    it.each(
      Object.entries(factors).flatMap(([name, factor]) =>
        [1, 1e-12, 1e6].flatMap((scale) => [2, 4].map((p) => [p, name, scale, factor] as const)),
      ),
    )('of order %i of a factor %s, times %d', (p, _name, scale, factor) => {
      tidy(() => {
        const options = shampooOptions.parse({ root_method: 'newton' });
        const A = Matrix.mul(factor, scale);
        const settings = { exponent: 1 / p, bias: scalar(1) };
        const none = { left: toTensor(Matrix.zeros(A.rows, A.rows)) };
        const { roots, failures } = inverseRoots({ left: toTensor(A) }, none, settings, options);
        expect(failures!.dataSync()[0]).toBe(0);
        const ridge = Math.max(options.epsilon, 1e-6 * A.norm());
        const { realEigenvalues, eigenvectorMatrix: Q } = new EigenvalueDecomposition(A, { assumeSymmetric: true });
        const values = realEigenvalues.map((value) => (value + ridge) ** (-1 / p));
        const expected = Q.mmul(Matrix.diag(values)).mmul(Q.transpose());
        const root = toMatrix(roots.left!);
        expect(Matrix.sub(root, expected).norm() / expected.norm()).toBeLessThan(0.05);
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

/** The coupled Newton iteration, written from its description in Distributed Shampoo's paper. */
function newton64(A: Matrix, p: number, iterations: number): { root: Matrix; residual: number } {
  const I = Matrix.eye(A.rows);
  const distance = (M: Matrix) => Math.max(...Matrix.sub(M, I).to1DArray().map(Math.abs));
  const z = (p + 1) / (2 * A.norm('frobenius'));
  let X = Matrix.mul(I, z ** (1 / p));
  let M = Matrix.mul(A, z);
  for (let i = 0; i < iterations && distance(M) > 1e-6; i++) {
    const T = Matrix.sub(Matrix.mul(I, 1 + 1 / p), Matrix.div(M, p));
    X = X.mmul(T);
    for (let j = 0; j < p; j++) M = T.mmul(M);
  }
  return { root: X, residual: distance(M) };
}

/** Power of a positive definite matrix, in float64. */
function power(X: Matrix, exponent: number): Matrix {
  const symmetric = Matrix.add(X, X.transpose()).mul(0.5);
  const { realEigenvalues, eigenvectorMatrix: Q } = new EigenvalueDecomposition(symmetric);
  return Q.mmul(Matrix.diag(realEigenvalues.map((value) => value ** exponent))).mmul(Q.transpose());
}
