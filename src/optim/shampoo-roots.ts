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
import type { SidePair } from './matrix/kronecker.js';
import { guarded } from './matrix/matrix-functions-guard.js';
import { coupledNewtonRoot } from './matrix/matrix-functions-newton.js';
import { inverseRoot } from './matrix/matrix-functions.js';
import type { ShampooOptions } from './shampoo-options.js';
import { identityLike, norm } from './matrix/tensor-functions.js';

/** Newton iterations that end farther from the identity than this have failed. */
const largestResidual = 1e-2;

/**
 * Newton iterations multiply the rounding of the largest eigenvalue by the root's condition: a ridge that is smaller than
 * this share of the factor's norm leaves them diverging in float32. The one of Anil et al., arXiv:2002.09018.
 */
const newtonRidge = 1e-6;

/**
 * Inverse roots of the bias-corrected factors. A side whose factor or root is not finite, or whose iteration has not
 * converged, keeps the previous root. Before the first roots the state holds zeros, for which the identity stands in.
 * @returns The roots, and how many sides failed, rank 0; undefined when no side has a factor.
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
