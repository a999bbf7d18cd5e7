import { registerKernel, type DataType, type TensorInfo } from '@tensorflow/tfjs-core';
import { EigenvalueDecomposition, Matrix, QrDecomposition } from 'ml-matrix';
import { linearAlgebraKernels, type Triangle } from '../ops/linear-algebra.js';

/** The part of a backend whose kernels run on the host. */
export interface HostBackend {
  readSync(dataId: object): unknown;
  write(values: Float32Array, shape: number[], dtype: DataType): object;
}

/**
 * Registers linear algebra kernels for backends that lack them. They run in float64 on the host, slower than native kernels
 * but more accurate.
 */
export function registerHostLinearAlgebra(backendName: string): void {
  registerKernel({
    kernelName: linearAlgebraKernels.qr,
    backendName,
    kernelFunc: ({ inputs, backend }) => {
      const host = backend as HostBackend;
      const x = readMatrix(host, inputs.x!);
      const { orthogonalMatrix, upperTriangularMatrix } = new QrDecomposition(x);
      return [writeMatrix(host, orthogonalMatrix), writeMatrix(host, upperTriangularMatrix)];
    },
  });
  registerKernel({
    kernelName: linearAlgebraKernels.symmetricEigen,
    backendName,
    kernelFunc: ({ inputs, backend }) => {
      const host = backend as HostBackend;
      const x = readMatrix(host, inputs.x!);
      const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(x, { assumeSymmetric: true });
      return [
        write(host, Float32Array.from(realEigenvalues), [realEigenvalues.length]),
        writeMatrix(host, eigenvectorMatrix),
      ];
    },
  });
  registerKernel({
    kernelName: linearAlgebraKernels.triangularSolve,
    backendName,
    kernelFunc: ({ inputs, attrs, backend }) => {
      const host = backend as HostBackend;
      const A = readMatrix(host, inputs.matrix!);
      const solution = solveTriangle(A, readMatrix(host, inputs.rhs!), attrs as unknown as Triangle);
      return writeMatrix(host, solution);
    },
  });
}

/** Solves by substitution, in place of the right-hand side. */
function solveTriangle(A: Matrix, X: Matrix, { lower, adjoint }: Triangle): Matrix {
  const triangle = adjoint ? A.transpose() : A;
  const rows = [...Array(X.rows).keys()];
  // The last row of an upper triangle (or of a transposed lower one) has a single unknown.
  if (lower === adjoint) rows.reverse();
  for (const [solved, row] of rows.entries()) {
    for (let column = 0; column < X.columns; column++) {
      let value = X.get(row, column);
      for (const other of rows.slice(0, solved)) value -= triangle.get(row, other) * X.get(other, column);
      X.set(row, column, value / triangle.get(row, row));
    }
  }
  return X;
}

function readMatrix(backend: HostBackend, { dataId, shape }: TensorInfo): Matrix {
  const [rows, columns] = shape as [number, number];
  return Matrix.from1DArray(rows, columns, backend.readSync(dataId) as Float32Array);
}

function writeMatrix(backend: HostBackend, matrix: Matrix): TensorInfo {
  return write(backend, Float32Array.from(matrix.to1DArray()), [matrix.rows, matrix.columns]);
}

/** A tensor with these values on a backend whose kernels run on the host. */
export function write(
  backend: HostBackend,
  values: Float32Array,
  shape: number[],
  dtype: DataType = 'float32',
): TensorInfo {
  return { dataId: backend.write(values, shape, dtype), shape, dtype };
}
