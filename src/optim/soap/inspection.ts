import { diag, div, matMul, maximum, min, mul, sub, sum, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import type { SidePair } from '../matrix/kronecker.js';
import { worstInspection, type Inspection } from '../optimizer.js';
import { identityLike, norm } from '../matrix/tensor-functions.js';

/** Measures the quality of a parameter's bases, the worse side; undefined if no side is rotated. */
export function inspectBases(factors: SidePair, bases: SidePair): Inspection | undefined {
  const sides: Inspection[] = [];
  if (factors.left && bases.left) sides.push(inspectSide(factors.left, bases.left));
  if (factors.right && bases.right) sides.push(inspectSide(factors.right, bases.right));
  return sides.length === 0 ? undefined : worstInspection(sides);
}

function inspectSide(P: Tensor, Q: Tensor): Inspection {
  const overlap = matMul(Q as Tensor2D, Q as Tensor2D, true, false);
  const product = matMul(P as Tensor2D, Q as Tensor2D);
  const rotated = matMul(Q as Tensor2D, product, true, false);
  const diagonal: Tensor = sum(mul(Q, product), 0);
  return {
    basis_error: norm(sub(overlap, identityLike(Q))),
    // The bound prevents 0/0 for a factor that has always been zero.
    off_diagonal_share: div(norm(sub(rotated, diag(diagonal))), maximum(norm(rotated), 1e-30)),
    smallest_eigenvalue: min(diagonal),
  };
}
