import {
  add,
  gather,
  matMul,
  maximum,
  min,
  mul,
  neg,
  pow,
  relu,
  reverse,
  sub,
  sum,
  topk,
  type Tensor,
  type Tensor2D,
} from '@tensorflow/tfjs-core';
import { symmetricEigen } from '../../ops/linear-algebra.js';
import { orthonormalBasis } from '../../ops/orthonormal-basis.js';
import { identityLike } from './tensor-functions.js';

/** Eigenvectors, as columns [d, d], of a symmetric matrix after adding `ridge` to its diagonal. */
export function eigenbasis(factor: Tensor, ridge: number, order: 'descending' | 'ascending'): Tensor2D {
  assertSquare(factor);
  const { vectors } = symmetricEigen(ridge === 0 ? factor : addRidge(factor, ridge));
  return order === 'descending' ? reverse(vectors, 1) : vectors;
}

/** Rules for refreshing a basis. */
export interface RefreshRules {
  /** `qr` runs power iterations from the old basis; `eigh` computes the eigenvectors exactly. */
  readonly method: 'qr' | 'eigh';
  readonly powerIterations: number;
  /** Sorts columns by their eigenvalue estimates before the iterations, or by the new estimates after them. */
  readonly sort: 'before_qr' | 'after_qr';
  readonly eigenvalueOrder: 'descending' | 'ascending';
}

/** A refreshed basis. */
export interface Refreshed {
  /** Orthonormal columns [d, d]. */
  readonly basis: Tensor2D;
  /** The permutation [d] (int32) of the old columns. Values stored per column may need the same permutation. */
  readonly order: Tensor;
}

/**
 * Moves a basis closer to the eigenvectors of a Kronecker factor. Each power iteration multiplies the basis by the factor
 * and orthonormalizes its columns.
 * @param factor Symmetric positive semi-definite, [d, d], float32.
 * @param basis  Previous eigenvectors as columns, [d, d].
 * Source: arXiv:2409.11321, Algorithm 4; the sorting before it follows the authors' code.
 */
export function refreshBasis(factor: Tensor, basis: Tensor, rules: RefreshRules): Refreshed {
  assertSquare(factor);
  const { method, powerIterations, sort, eigenvalueOrder } = rules;
  if (method === 'eigh') {
    return {
      basis: eigenbasis(factor, 0, eigenvalueOrder),
      order: sortedOrder(diagonalIn(factor, basis), eigenvalueOrder),
    };
  }
  let product = matMul(factor, basis as Tensor2D);
  let order: Tensor | undefined;
  if (sort === 'before_qr') {
    // diag(QᵀPQ), without computing the off-diagonal elements.
    order = sortedOrder(sum(mul(basis, product), 0), eigenvalueOrder);
    product = gather(product, order, 1);
  }
  let result = orthonormalBasis(product);
  for (let i = 1; i < powerIterations; i++) result = orthonormalBasis(matMul(factor as Tensor2D, result));
  if (order !== undefined) return { basis: result, order };
  const after = sortedOrder(diagonalIn(factor, result), eigenvalueOrder);
  return { basis: gather(result, after, 1), order: after };
}

/** Eigenvalue estimates in a basis: `diag(QᵀPQ)`, [d]. */
export function diagonalIn(factor: Tensor, basis: Tensor): Tensor {
  return sum(mul(basis, matMul(factor as Tensor2D, basis as Tensor2D)), 0);
}

function sortedOrder(estimates: Tensor, order: RefreshRules['eigenvalueOrder']): Tensor {
  return topk(order === 'descending' ? estimates : neg(estimates), estimates.shape[0]).indices;
}

/**
 * Inverse root `(A + εI)^(−exponent)` of a symmetric matrix [d, d]. As in Distributed Shampoo, all eigenvalues are shifted
 * up if the smallest is below ε, so that rounding leaves no negative ones.
 */
export function inverseRoot(matrix: Tensor, exponent: number, epsilon: number): Tensor2D {
  assertSquare(matrix);
  const { values, vectors } = symmetricEigen(addRidge(matrix, epsilon));
  // Beside a large negative eigenvalue ε is lost to rounding, and the shift alone would leave a zero.
  const shifted = maximum(add(values, relu(sub(epsilon, min(values)))), epsilon);
  return matMul(mul(vectors, pow(shifted, -exponent)), vectors, false, true);
}

/** `matrix + ridge · I`. */
export function addRidge(matrix: Tensor, ridge: number | Tensor): Tensor2D {
  return add(matrix, mul(identityLike(matrix), ridge));
}

/** @throws Error if the tensor is not a square matrix. */
export function assertSquare(matrix: Tensor): void {
  const [rows, columns] = matrix.shape;
  if (matrix.rank !== 2 || rows !== columns)
    throw new Error(`matrix of shape [${matrix.shape.join(', ')}] is not square`);
}
