import { diag, engine, ones, type Tensor, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';

/**
 * Linear algebra that TensorFlow.js lacks, as kernels under TensorFlow's op names. Engines register them for their backend.
 * They have no gradient.
 */
export const linearAlgebraKernels = {
  qr: 'Qr',
  symmetricEigen: 'SelfAdjointEigV2',
  triangularSolve: 'MatrixTriangularSolve',
} as const;

/** QR decomposition of [m, n], m ≥ n: orthonormal columns Q [m, n] and upper triangular R [n, n]. Signs are the kernel's. */
export function qr(x: Tensor): { Q: Tensor2D; R: Tensor2D } {
  const [Q, R] = engine().runKernel<Tensor2D[]>(linearAlgebraKernels.qr, { x }) as [Tensor2D, Tensor2D];
  return { Q, R };
}

/** Eigenvalues [d], ascending, and eigenvectors [d, d] as columns of a symmetric matrix [d, d]. */
export function symmetricEigen(x: Tensor): { values: Tensor1D; vectors: Tensor2D } {
  const [values, vectors] = engine().runKernel<Tensor[]>(linearAlgebraKernels.symmetricEigen, { x });
  return { values: values as Tensor1D, vectors: vectors as Tensor2D };
}

/** The half of a matrix that is used, and whether it is transposed. */
export interface Triangle {
  readonly lower: boolean;
  readonly adjoint: boolean;
}

/** Solves `A·X = B` or `Aᵀ·X = B` for X [d, n], with a triangular A [d, d]. The other half of A is not read. */
export function triangularSolve(A: Tensor, B: Tensor, { lower, adjoint }: Triangle): Tensor2D {
  return engine().runKernel(linearAlgebraKernels.triangularSolve, { matrix: A, rhs: B }, { lower, adjoint });
}

/** The identity [d, d]. Unlike `eye`, it is not filled in on the host. */
export function identity(size: number): Tensor2D {
  return diag(ones([size])) as Tensor2D;
}
