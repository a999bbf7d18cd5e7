import {
  abs,
  add,
  div,
  equal,
  fill,
  lessEqual,
  max,
  maximum,
  mul,
  rsqrt,
  sum,
  where,
  type Tensor,
} from '@tensorflow/tfjs-core';
import type { SidePair } from '../matrix/kronecker.js';
import { guarded } from '../matrix/matrix-functions-guard.js';
import { coupledNewtonRoot } from '../matrix/matrix-functions-newton.js';
import { inverseRoot } from '../matrix/matrix-functions.js';
import type { ShampooOptions } from './options.js';
import { identityLike, norm } from '../matrix/tensor-functions.js';

/** The largest residual with which a Newton iteration counts as converged. */
const largestResidual = 1e-2;

/**
 * The smallest ridge for Newton iterations, as a share of the factor's norm. With a smaller one they diverge in float32,
 * because they multiply rounding errors by the root's condition number. Source: Anil et al., arXiv:2002.09018.
 */
const newtonRidge = 1e-6;

/**
 * Inverse roots of the bias-corrected factors. A side keeps its previous root if its factor or root is not finite or the
 * iteration has not converged. Before the first roots, the identity replaces the zeros in the state.
 * @returns The roots, and the number of sides that failed (rank 0), or undefined if no side has a factor.
 */
export function inverseRoots(
  factors: SidePair,
  previous: SidePair,
  { exponent, bias }: { exponent: number; bias: Tensor },
  options: ShampooOptions,
): { roots: SidePair; failures: Tensor | undefined } {
  const side = (factor: Tensor, old: Tensor) =>
    guarded(factor, (usable) => ({ root: rootOf(scaled(div(usable, bias), options), exponent, options) }), {
      root: where(equal(max(abs(old)), 0), identityLike(factor), old),
    });
  const left = factors.left && side(factors.left, previous.left!);
  const right = factors.right && side(factors.right, previous.right!);
  return {
    roots: { left: left?.result.root, right: right?.result.root },
    failures: left && right ? add(left.failed, right.failed) : (left ?? right)?.failed,
  };
}

function scaled(factor: Tensor, { trace_scaling, epsilon }: ShampooOptions): Tensor {
  if (!trace_scaling) return factor;
  const trace = sum(mul(factor, identityLike(factor)));
  return mul(factor, rsqrt(maximum(trace, epsilon)));
}

function rootOf(matrix: Tensor, exponent: number, options: ShampooOptions): Tensor {
  if (options.root_method === 'eigh') return inverseRoot(matrix, exponent, options.epsilon);
  const { root, residual } = coupledNewtonRoot(
    matrix,
    Math.round(1 / exponent),
    maximum(mul(norm(matrix), newtonRidge), options.epsilon),
    options.newton_iterations,
  );
  return where(lessEqual(residual, largestResidual), root, fill([...root.shape], NaN));
}
