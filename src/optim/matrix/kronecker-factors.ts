import { add, div, matMul, maximum, mul, reshape, rsqrt, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import { asMatrix, type SidePair, type Sides } from './kronecker.js';

/** Weights with which a factor accumulates a gradient: `keep · factor + take · outer product`. */
export interface Accumulation {
  readonly keep: Tensor;
  readonly take: Tensor;
}

/** The weights of an exponential moving average, with or without bias correction. */
export function averaging(beta: number, t: number, corrected: boolean): { keep: number; take: number } {
  const take = corrected ? (1 - beta) / (1 - beta ** t) : 1 - beta;
  return { keep: corrected ? 1 - take : beta, take };
}

/** Accumulates G·Gᵀ and Gᵀ·G on the sides that have a factor. */
export function accumulateFactors(G: Tensor, sides: Sides, factors: SidePair, accumulation: Accumulation): SidePair {
  const matrix = asMatrix(G, sides);
  return {
    left: factors.left && accumulate(factors.left, matMul(matrix, matrix, false, true), accumulation),
    right: factors.right && accumulate(factors.right, matMul(matrix, matrix, true, false), accumulation),
  };
}

/** The factors' current eigendecompositions: bases [d, d] and eigenvalues [d]. */
export interface Spectra {
  readonly bases: SidePair;
  readonly eigenvalues: SidePair;
}

/**
 * Like `accumulateFactors`, but whitens the gradient on the other side first: `G·R⁻¹·Gᵀ / n` and `Gᵀ·L⁻¹·G / m`. Eigenvalues
 * are at least `floor`. A factor without eigenvalues uses `floor` for all of them. A side without a factor is the identity.
 * Source: KL-Shampoo, arXiv:2509.03378; the start is that of NVIDIA's code.
 */
export function accumulateKlFactors(
  G: Tensor,
  sides: Sides,
  factors: SidePair,
  spectra: Spectra,
  floor: number,
  accumulation: Accumulation,
): SidePair {
  const matrix = asMatrix(G, sides);
  /** Whitens the rows or the columns of G. */
  const whitened = (along: 'left' | 'right'): Tensor => {
    if (!factors[along]) return matrix;
    const [basis, values] = [spectra.bases[along], spectra.eigenvalues[along]];
    if (!basis || !values) return mul(matrix, 1 / Math.sqrt(floor));
    const scales = rsqrt(maximum(values, floor));
    return along === 'right'
      ? mul(matMul(matrix, basis as Tensor2D), scales)
      : mul(matMul(basis as Tensor2D, matrix, true, false), reshape(scales, [sides.rows, 1]));
  };
  const outer = (X: Tensor, size: number, isLeft: boolean) => div(matMul(X, X, !isLeft, isLeft), size);
  return {
    left: factors.left && accumulate(factors.left, outer(whitened('right'), sides.columns, true), accumulation),
    right: factors.right && accumulate(factors.right, outer(whitened('left'), sides.rows, false), accumulation),
  };
}

function accumulate(factor: Tensor, outer: Tensor, { keep, take }: Accumulation): Tensor {
  return add(mul(factor, keep), mul(outer, take));
}
