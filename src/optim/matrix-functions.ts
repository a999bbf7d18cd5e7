import {
  add,
  eye,
  gather,
  matMul,
  maximum,
  min,
  mul,
  pow,
  relu,
  reverse,
  sub,
  sum,
  topk,
  type Tensor,
  type Tensor2D,
} from '@tensorflow/tfjs-core';
import { qr, symmetricEigen } from '../ops/linear-algebra.js';

/** Eigenvectors as columns, [d, d], by descending eigenvalue, of a symmetric matrix that `ridge` makes definite. */
export function eigenbasis(factor: Tensor, ridge: number): Tensor2D {
  assertSquare(factor);
  return reverse(symmetricEigen(addRidge(factor, ridge)).vectors, 1);
}

/**
 * One power-iteration step towards the eigenvectors of a Kronecker factor.
 * @param factor Symmetric positive semi-definite, [d, d], float32.
 * @param basis  Previous eigenvectors as columns, [d, d].
 * @returns The new basis, [d, d], by descending estimated eigenvalue, and the order [d] in which the old columns went in:
 * what is stored a column has to be permuted alike.
 * Source: arXiv:2409.11321, Algorithm 4; the sorting follows the authors' code.
 */
export function refreshBasis(factor: Tensor, basis: Tensor): { basis: Tensor2D; order: Tensor } {
  assertSquare(factor);
  const product = matMul(factor, basis);
  // diag(QᵀPQ) without the off-diagonal products.
  const estimates = sum(mul(basis, product), 0);
  const order = topk(estimates, estimates.shape[0]).indices;
  return { basis: qr(gather(product, order, 1)).Q, order };
}

/**
 * Inverse root `(A + εI)^(−exponent)` of a symmetric matrix [d, d]. Eigenvalues are shifted up when the smallest is below
 * ε, as Distributed Shampoo does, so that rounding never leaves a negative one under the root.
 */
export function inverseRoot(matrix: Tensor, exponent: number, epsilon: number): Tensor2D {
  assertSquare(matrix);
  const { values, vectors } = symmetricEigen(addRidge(matrix, epsilon));
  // The shift alone would leave a zero where ε is lost in rounding beside a large negative eigenvalue.
  const shifted = maximum(add(values, relu(sub(epsilon, min(values)))), epsilon);
  return matMul(mul(vectors, pow(shifted, -exponent)), vectors, false, true);
}

function addRidge(matrix: Tensor, ridge: number): Tensor2D {
  return add(matrix, mul(eye(matrix.shape[0]), ridge));
}

function assertSquare(matrix: Tensor): void {
  const [rows, columns] = matrix.shape;
  if (matrix.rank !== 2 || rows !== columns)
    throw new Error(`matrix of shape [${matrix.shape.join(', ')}] is not square`);
}
