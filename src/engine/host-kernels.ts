import { registerKernel, type DataType, type TensorInfo } from '@tensorflow/tfjs-core';
import { EigenvalueDecomposition, Matrix, QrDecomposition } from 'ml-matrix';
import { linearAlgebraKernels } from '../ops/linear-algebra.js';

/** The part of a backend whose kernels run on the host. */
export interface HostBackend {
  readSync(dataId: object): unknown;
  write(values: Float32Array, shape: number[], dtype: DataType): object;
}

/**
 * Registers QR and symmetric eigendecomposition for backends that have none: ml-matrix, in float64, on the host.
 * Slower than native kernels, and more accurate.
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
