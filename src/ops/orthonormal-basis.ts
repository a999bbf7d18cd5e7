import {
  abs,
  add,
  cast,
  concat,
  greaterEqual,
  log,
  matMul,
  max,
  maximum,
  minimum,
  mul,
  neg,
  onesLike,
  pad,
  pow,
  reshape,
  slice,
  sub,
  sum,
  tidy,
  where,
  type Tensor,
  type Tensor2D,
} from '@tensorflow/tfjs-core';
import { identity, qr, triangularSolve } from './linear-algebra.js';

/** The number of columns from which panels are faster than the single-threaded kernel, also if two runs share a machine. */
const manyColumns = 1024;

/** Columns per panel: wide enough for fast products, narrow enough for the kernel that orthogonalises them. */
const panelColumns = 128;

/**
 * Computes Q [m, n] of the QR decomposition of A [m, n], m ≥ n, without R. The columns of Q are orthonormal to rounding for
 * every finite A, even if columns of A are dependent, zero, or so small or large that their squares exceed float32.
 */
export function orthonormalBasis(A: Tensor): Tensor2D {
  return A.shape[1]! < manyColumns ? basisAtOnce(A as Tensor2D) : basisByPanels(A as Tensor2D, panelColumns);
}

/** Computes `orthonormalBasis` with a single call of the kernel. */
function basisAtOnce(A: Tensor2D): Tensor2D {
  return tidy(() => qr(evened(A)).Q);
}

/** The largest exponent that a column is scaled by: the power of two and its inverse are normal float32 numbers. */
const largestShift = 100;

/**
 * Scales each column of A by the power of two that brings its largest entry close to 1. This does not change Q, but it
 * protects the kernel's reflections: they divide by sums of squares, which underflow for entries below 1e-19, as rounding
 * leaves them in small dependent columns.
 */
function evened(A: Tensor2D): Tensor2D {
  const largest = maximum(max(abs(A), 0, true), 2 ** -largestShift); // (1, n)
  const exponent = cast(cast(mul(log(largest), Math.LOG2E), 'int32'), 'float32');
  return mul(A, pow(2, neg(minimum(exponent, largestShift))));
}

/**
 * Computes `orthonormalBasis` by blocked Householder reflections, which are mostly matrix products. The kernel
 * orthonormalises the first panel, a reflection H maps unit columns to its span, and the same is done for the remaining rows
 * of Hᵀ times the other columns.
 * @param panel Number of columns that the kernel takes at a time.
 */
export function basisByPanels(A: Tensor2D, panel: number): Tensor2D {
  return tidy(() => {
    const [m, n] = A.shape;
    if (n <= panel) return basisAtOnce(A);
    const first = basisAtOnce(slice(A, [0, 0], [m, panel]));
    const { V, W } = reflectionOnto(first);
    const below = rowsFrom(V, panel);
    // The rows of Hᵀ times the other columns below those of the first panel.
    const remaining: Tensor2D = tidy(() => {
      const others = slice(A, [0, panel], [m, n - panel]);
      return sub(rowsFrom(others, panel), matMul(below, matMul(W, others, true)));
    });
    // H times the basis of the remaining columns, which has zeros in the first rows.
    const rest = basisByPanels(remaining, panel);
    const reflected: Tensor2D = sub(padRows(rest, panel, 0), matMul(W, matMul(below, rest, true)));
    return concat([first, reflected], 1);
  });
}

/**
 * The orthogonal `H = I − W·Vᵀ` [m, m] that maps the first b unit columns E to −Q·Zᵀ, which has the span of Q [m, b], m > b.
 *
 * With the QR decomposition Z·R of Q's top rows and diag(R) ≥ 0, `V = Q + E·Z` and `W = V·(I + R)⁻ᵀ`. VᵀE is (I + R)ᵀ·Zᵀ,
 * so HE = E − V·Zᵀ = −Q·Zᵀ. VᵀV is (I + R) + (I + R)ᵀ, so HᵀH = I. R is a triangular contraction with a diagonal between 0
 * and 1, so I + R is well conditioned, and H is orthogonal to rounding for every Q.
 * Source: the basis-kernel form of Yamamoto, in Ballard et al., Reconstructing Householder Vectors from Tall-Skinny QR, 2014.
 */
function reflectionOnto(Q: Tensor2D): { V: Tensor2D; W: Tensor2D } {
  const [m, b] = Q.shape;
  const I = identity(b);
  const { Q: anyZ, R: anyR } = qr(slice(Q, [0, 0], [b, b]));
  const diagonal = sum(mul(anyR, I), 1);
  const signs = where(greaterEqual(diagonal, 0), onesLike(diagonal), neg(onesLike(diagonal)));
  const Z: Tensor2D = mul(anyZ, signs);
  const R = mul(anyR, reshape(signs, [b, 1]));
  const V: Tensor2D = add(Q, padRows(Z, 0, m - b));
  return { V, W: matMul(V, triangularSolve(add(I, R), I, { lower: false, adjoint: true })) };
}

function rowsFrom(A: Tensor2D, start: number): Tensor2D {
  return slice(A, [start, 0], [A.shape[0] - start, A.shape[1]]);
}

function padRows(A: Tensor2D, above: number, beneath: number): Tensor2D {
  return pad(A, [
    [above, beneath],
    [0, 0],
  ]);
}
