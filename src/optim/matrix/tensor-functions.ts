import { add, mul, sqrt, square, sum, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import { identity } from '../../ops/linear-algebra.js';

/** Linear interpolation, computed as `(1 − weight)·a + weight·b`. */
export function lerp(a: Tensor, b: Tensor, weight: number): Tensor {
  return add(mul(a, 1 - weight), mul(b, weight));
}

/** Frobenius norm, as a rank-0 tensor. */
export function norm(a: Tensor): Tensor {
  return sqrt(sum(square(a)));
}

/** The identity matrix of the same size as a square matrix. */
export function identityLike(matrix: Tensor): Tensor2D {
  return identity(matrix.shape[0]);
}
