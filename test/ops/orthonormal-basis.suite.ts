import {
  abs,
  div,
  linalg,
  matMul,
  max,
  memory,
  mul,
  sub,
  tensor1d,
  tensor2d,
  tidy,
  type Tensor,
  type Tensor2D,
} from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/engine.js';
import { identity, qr } from '../../src/ops/linear-algebra.js';
import { basisByPanels, orthonormalBasis } from '../../src/ops/orthonormal-basis.js';
import { expectAllClose } from '../support/allclose.js';
import { normalMatrix, normals, symmetricWith, wholes } from '../support/random.js';
import { toMatrix, toTensor } from '../support/tensors.js';

/** Rows, columns, columns a panel. */
const shapes = fc
  .tuple(fc.integer({ min: 1, max: 14 }), fc.nat(6), fc.integer({ min: 1, max: 6 }))
  .map(([columns, more, panel]) => [columns + more, columns, panel] as const);

/** Matrices by what is hard about them. */
const matrices: Readonly<Record<string, (rows: number, columns: number) => Matrix>> = {
  'of random numbers': (rows, columns) => normalMatrix('random', rows, columns),
  'ill-conditioned': (rows, columns) =>
    symmetricWith('directions', [
      ...Array.from({ length: rows - 1 }, (_, i) => Math.exp((-8 * i) / rows)),
      1e-12,
    ]).subMatrix(0, rows - 1, 0, columns - 1),
  'of rank 2': (rows, columns) => normalMatrix('left', rows, 2).mmul(normalMatrix('right', 2, columns)),
  'with columns of zeros': (rows, columns) => {
    const matrix = normalMatrix('zero columns', rows, columns);
    for (let column = 0; column < columns; column += 2) matrix.setColumn(column, Array<number>(rows).fill(0));
    return matrix;
  },
  'with equal columns': (rows, columns) => normalMatrix('one', rows, 1).mmul(Matrix.ones(1, columns)),
  'of a permutation': (rows, columns) => {
    const keys = wholes('order', rows, 1e6);
    const order = [...keys.keys()].sort((a, b) => keys[a]! - keys[b]!);
    return new Matrix(order.map((at) => Matrix.eye(rows).getRow(at))).subMatrix(0, rows - 1, 0, columns - 1);
  },
  'equal to I': (rows, columns) => Matrix.eye(rows, columns),
  'equal to −I': (rows, columns) => Matrix.eye(rows, columns).mul(-1),
  'of zeros': (rows, columns) => Matrix.zeros(rows, columns),
};

/** What makes Q the thin one of A's QR decomposition, within float32's rounding. */
function expectBasis(Q: Matrix, A: Matrix): void {
  expect([Q.rows, Q.columns]).toEqual([A.rows, A.columns]);
  const scale = Math.max(...A.to1DArray().map(Math.abs), 1e-30);
  expectAllClose(Q.transpose().mmul(Q).to1DArray(), Matrix.eye(A.columns).to1DArray(), 5e-6);
  const R = Q.transpose().mmul(A);
  expectAllClose(Q.mmul(R).to1DArray(), A.to1DArray(), 1e-5 * scale);
  const below = R.to2DArray().flatMap((row, i) => row.slice(0, i));
  expectAllClose(below, Array<number>(below.length).fill(0), 1e-5 * scale);
}

export function orthonormalBasisSuite(engine: Engine): void {
  describe('orthonormalBasis', () => {
    const gram = (size: number, rank: number) => {
      const X = normalMatrix(`of rank ${rank}`, size, rank);
      return X.mmul(X.transpose()).div(rank);
    };
    const hard: Readonly<Record<string, Matrix>> = {
      'a Gram matrix': gram(40, 40),
      'a Gram matrix of rank 3': gram(40, 3),
      'a tall matrix': normalMatrix('tall', 300, 3),
      'a tall matrix of rank 2': normalMatrix('tall left', 300, 2).mmul(normalMatrix('tall right', 2, 5)),
      'zeros in most columns': Matrix.mul(gram(40, 40), Matrix.ones(40, 1).mmul(Matrix.eye(1, 40))),
    };
    const scales = [1e-37, 1e-30, 1e-24, 1e-19, 1e-12, 1, 1e12, 1e19, 1e30];

    it.each(Object.entries(hard))('is one of %s at any scale', (_name, A) => {
      for (const scale of scales) {
        tidy(() => {
          const Q = toMatrix(orthonormalBasis(toTensor(Matrix.mul(A, scale))));
          // What is below 1e-38 of a matrix counts as zero, which says nothing of its span.
          if (scale >= 1e-30) expectBasis(Q, A);
          expectAllClose(Q.transpose().mmul(Q).to1DArray(), Matrix.eye(A.columns).to1DArray(), 5e-6);
        });
      }
    });

    it('is that of the kernel, to the last bit, where that is good', () => {
      tidy(() => {
        for (const scale of [1e-9, 0.7, 1, 3e5]) {
          const A = toTensor(Matrix.mul(gram(30, 30), scale));
          expect(orthonormalBasis(A).dataSync()).toEqual(qr(A).Q.dataSync());
        }
      });
    });

    it('is one of columns that are far apart in scale', () => {
      const A = Matrix.mul(normalMatrix('far apart', 20, 12), 1);
      for (let column = 0; column < 12; column++) A.mulColumn(column, 10 ** (17 - 4 * column));
      tidy(() => {
        const Q = toMatrix(orthonormalBasis(toTensor(A)));
        expectAllClose(Q.transpose().mmul(Q).to1DArray(), Matrix.eye(12).to1DArray(), 5e-6);
      });
    });
  });

  describe('basisByPanels', () => {
    it.each(Object.entries(matrices))('spans the columns of matrices %s', (_name, matrixOf) => {
      fc.assert(
        fc.property(shapes, ([rows, columns, panel]) => {
          const A = matrixOf(rows, columns);
          tidy(() => {
            expectBasis(toMatrix(basisByPanels(toTensor(A), panel)), A);
          });
        }),
        {
          numRuns: 15,
          seed: 1,
          examples: [[[10, 10, 3]], [[7, 7, 7]], [[7, 7, 6]], [[12, 12, 4]], [[9, 4, 2]], [[5, 5, 1]]],
        },
      );
    });

    it('is that of one decomposition but for signs', () => {
      tidy(() => {
        const A = toTensor(normalMatrix('signs', 11, 9));
        const [byPanels, atOnce] = [basisByPanels(A, 4), qr(A).Q].map((Q) => Q.dataSync().map(Math.abs));
        expectAllClose(byPanels!, atOnce!, 1e-5);
      });
    });

    it('is the same compiled, from each of two factors at once', async () => {
      const size = 13;
      const basesOf = (left: Tensor, right: Tensor) => ({
        left: basisByPanels(left as never, 3),
        right: basisByPanels(right as never, 5),
      });
      const program = engine.open({ left: [size, size], right: [size, size] });
      const factors = { left: normalMatrix('left', size, size), right: normalMatrix('right', size, size) };
      program.write('left', Float32Array.from(factors.left.to1DArray()));
      program.write('right', Float32Array.from(factors.right.to1DArray()));
      const run = await program.compile(({ left, right }) => ({ state: basesOf(left!, right!), outputs: {} }), {});
      await run({});
      const eager = tidy(() => {
        const { left, right } = basesOf(toTensor(factors.left), toTensor(factors.right));
        return { left: left.dataSync(), right: right.dataSync() };
      });
      expectAllClose(await program.read('left'), eager.left, 1e-5);
      expectAllClose(await program.read('right'), eager.right, 1e-5);
      program.dispose();
    });

    it('leaves nothing behind but its result', () => {
      tidy(() => {
        const A = toTensor(normalMatrix('left behind', 9, 9));
        const before = memory().numTensors;
        basisByPanels(A, 2);
        expect(memory().numTensors).toBe(before + 1);
      });
    });
  });
}

/** At the size at which `orthonormalBasis` goes over to panels, for engines that multiply fast enough. */
export function largeBasisSuite(): void {
  it('orthonormalBasis is one of many columns, from an ill-conditioned factor', () => {
    tidy(() => {
      const size = 1030;
      const scales = Float32Array.from({ length: size }, (_, i) => Math.exp((-8 * i) / size));
      const X = mul(tensor2d(normals('large', size * size), [size, size]), tensor1d(scales));
      const A: Tensor2D = div(matMul(X, X, false, true), size);
      const Q = orthonormalBasis(A);
      const R = matMul(Q, A, true);
      const largest = (tensor: Tensor) => max(abs(tensor)).dataSync()[0]!;
      expect(largest(sub(matMul(Q, Q, true), identity(size)))).toBeLessThan(1e-5);
      expect(largest(sub(matMul(Q, R), A))).toBeLessThan(1e-5 * largest(A));
      expect(largest(sub(R, linalg.bandPart(R, 0, -1)))).toBeLessThan(1e-5 * largest(A));
    });
  });
}
