import { add, div, matMul, maximum, mul, sub, transpose, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import { norm } from './tensor-functions.js';

/** Coefficients of the quintic X ← aX + bXXᵀX + c(XXᵀ)²X. It is steep at zero, so a few iterations suffice. */
const [a, b, c] = [3.4445, -4.775, 2.0315];

export type Precision = 'float32' | 'bfloat16';

/**
 * Approximates U·Vᵀ of the singular value decomposition X = U·S·Vᵀ. Singular values end between 0.7 and 1.2, not at 1.
 * @param X [rows, columns], at any scale.
 * @param precision Precision that intermediate results are rounded to.
 * Source: Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024.
 */
export function orthogonalized(X: Tensor2D, steps: number, precision: Precision): Tensor2D {
  const round = precision === 'bfloat16' ? toBfloat16 : <T extends Tensor>(x: T) => x;
  const isTall = X.shape[0] > X.shape[1];
  const wide = round(isTall ? transpose(X) : X); // the products of the short side are the small ones
  let Y: Tensor2D = round(div(wide, maximum(round(norm(wide)), 1e-7)));
  for (let i = 0; i < steps; i++) {
    const A = round(matMul(Y, Y, false, true));
    const B = round(add(mul(A, b), mul(matMul(A, A), c)));
    Y = round(add(mul(Y, a), matMul(B as Tensor2D, Y)));
  }
  return isTall ? transpose(Y) : Y;
}

/**
 * Rounds float32 to the 8 significant bits of bfloat16, in float32 arithmetic.
 * Source: Veltkamp's splitting, as in Dekker, Numerische Mathematik 18, 1971.
 */
function toBfloat16<T extends Tensor>(x: T): T {
  const scaled = mul(x, 2 ** 16 + 1);
  return sub(scaled, sub(scaled, x));
}
