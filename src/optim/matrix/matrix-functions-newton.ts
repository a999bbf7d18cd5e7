import {
  abs,
  add,
  div,
  lessEqual,
  matMul,
  max,
  mul,
  pow,
  sub,
  where,
  type Tensor,
  type Tensor2D,
} from '@tensorflow/tfjs-core';
import { addRidge, assertSquare } from './matrix-functions.js';
import { identityLike, norm } from './tensor-functions.js';

/** Iterations stop changing the result this close to the identity, as more would only add rounding. */
const converged = 1e-6;

/**
 * Inverse root `(A + εI)^(−1/p)` of a positive definite matrix [d, d] by the coupled Newton iteration, which needs matrix
 * products only. It starts at `X = z^(1/p)·I` and `M = z·A` with a small z, and multiplies X by `I + (I − M)/p` and M by the
 * p-th power of that, until M is the identity and X the root.
 * @param p A positive integer.
 * @param iterations The fixed number of iterations. Those after convergence change nothing.
 * @returns The root, and the largest element of |M − I| (rank 0): large without convergence, NaN after divergence.
 * Source: Guo & Higham 2006 (doi:10.1137/050643374), as Distributed Shampoo scales it, arXiv:2309.06497.
 */
export function coupledNewtonRoot(
  matrix: Tensor,
  p: number,
  epsilon: number | Tensor,
  iterations: number,
): { root: Tensor2D; residual: Tensor } {
  assertSquare(matrix);
  const A = addRidge(matrix, epsilon);
  const I = identityLike(matrix);
  const z = div((p + 1) / 2, norm(A));
  let X: Tensor2D = mul(I, pow(z, 1 / p));
  let M: Tensor2D = mul(A, z);
  let residual = distance(M, I);
  for (let i = 0; i < iterations; i++) {
    const factor = where(lessEqual(residual, converged), I, add(I, div(sub(I, M), p))) as Tensor2D;
    X = matMul(X, factor);
    M = matMul(matrixPower(factor, p), M);
    residual = distance(M, I);
  }
  return { root: X, residual };
}

/** Positive integer power by repeated squaring. */
function matrixPower(matrix: Tensor2D, power: number): Tensor2D {
  if (power === 1) return matrix;
  const half = matrixPower(matrix, Math.floor(power / 2));
  const square: Tensor2D = matMul(half, half);
  return power % 2 === 0 ? square : matMul(square, matrix);
}

function distance(a: Tensor, b: Tensor): Tensor {
  return max(abs(sub(a, b)));
}
