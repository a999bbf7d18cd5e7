import { add, div, matMul, maximum, mul, reshape, rsqrt, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import { asMatrix, type SidePair, type Sides } from './kronecker.js';

/** How a factor takes up a gradient: `keep · factor + take · outer product`. */
export interface Accumulation {
  readonly keep: Tensor;
  readonly take: Tensor;
}

/** The numbers of an accumulation as a rule's scalars: an average that is off by `beta^t`, or one that is corrected for it. */
export function averaging(beta: number, t: number, corrected: boolean): { keep: number; take: number } {
  const take = corrected ? (1 - beta) / (1 - beta ** t) : 1 - beta;
  return { keep: corrected ? 1 - take : beta, take };
}

/** G·Gᵀ and Gᵀ·G taken up on the sides that have a factor. */
export function accumulateFactors(G: Tensor, sides: Sides, factors: SidePair, accumulation: Accumulation): SidePair {
  const matrix = asMatrix(G, sides);
  return {
    left: factors.left && accumulate(factors.left, matMul(matrix, matrix, false, true), accumulation),
    right: factors.right && accumulate(factors.right, matMul(matrix, matrix, true, false), accumulation),
  };
}

/** What is known of the factors' eigendecompositions: bases [d, d] and eigenvalues [d]. */
export interface Spectra {
  readonly bases: SidePair;
  readonly eigenvalues: SidePair;
}

/**
 * As `accumulateFactors`, with the gradient whitened on the other side first: `G·R⁻¹·Gᵀ / n` and `Gᵀ·L⁻¹·G / m`. A side
 * without a spectrum counts as the identity. Eigenvalues below `floor` count as `floor`.
 * Source: KL-Shampoo, arXiv:2509.03378.
 */
export function accumulateKlFactors(
  G: Tensor,
  sides: Sides,
  factors: SidePair,
  { bases, eigenvalues }: Spectra,
  floor: number,
  accumulation: Accumulation,
): SidePair {
  const matrix = asMatrix(G, sides);
  const whiten = (values: Tensor) => rsqrt(maximum(values, floor));
  let left: Tensor | undefined;
  let right: Tensor | undefined;
  if (factors.left) {
    let whitened: Tensor = matrix;
    if (bases.right && eigenvalues.right)
      whitened = mul(matMul(matrix, bases.right as Tensor2D), whiten(eigenvalues.right));
    left = accumulate(factors.left, div(matMul(whitened, whitened, false, true), sides.columns), accumulation);
  }
  if (factors.right) {
    let whitened: Tensor = matrix;
    if (bases.left && eigenvalues.left) {
      const scales = reshape(whiten(eigenvalues.left), [sides.rows, 1]);
      whitened = mul(matMul(bases.left as Tensor2D, matrix, true, false), scales);
    }
    right = accumulate(factors.right, div(matMul(whitened, whitened, true, false), sides.rows), accumulation);
  }
  return { left, right };
}

function accumulate(factor: Tensor, outer: Tensor, { keep, take }: Accumulation): Tensor {
  return add(mul(factor, keep), mul(outer, take));
}
