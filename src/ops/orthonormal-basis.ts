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

/** From so many columns on panels are faster than one kernel, which uses a single thread, alone and two at a time. */
const manyColumns = 1024;

/** Columns a panel: wide enough for fast products, and narrow enough for the kernel that orthogonalises them. */
const panelColumns = 128;

/**
 * Orthonormal columns Q [m, n] with the span of the columns of A [m, n], m ≥ n: those of its QR decomposition, so that QᵀA
 * is upper triangular. Orthonormal to rounding whatever finite A is, also where its columns are dependent, zero, or so small
 * or large that their squares are beyond float32.
 */
export function orthonormalBasis(A: Tensor): Tensor2D {
  return A.shape[1]! < manyColumns ? basisAtOnce(A as Tensor2D) : basisByPanels(A as Tensor2D, panelColumns);
}

/** The same by the kernel alone. */
function basisAtOnce(A: Tensor2D): Tensor2D {
  return tidy(() => qr(evened(A)).Q);
}

/** Powers of two that a column is scaled by at most, so that they and their inverses are ordinary numbers. */
const largestShift = 100;

/**
 * Each column of A times the power of two that brings its largest entry close to 1. Q of a QR decomposition does not depend
 * on it, to the last bit, but the kernel's reflections do: they divide by sums of squares, which float32 does not have of
 * entries below 1e-19, and rounding leaves such entries where columns are dependent and small.
 */
function evened(A: Tensor2D): Tensor2D {
  const largest = maximum(max(abs(A), 0, true), 2 ** -largestShift); // (1, n)
  const exponent = cast(cast(mul(log(largest), Math.LOG2E), 'int32'), 'float32');
  return mul(A, pow(2, neg(minimum(exponent, largestShift))));
}

/**
 * The same by blocked Householder reflections, almost all of it products of matrices: the kernel makes the first columns
 * orthonormal, a reflection H maps unit columns to their span, and the rest follows in what H leaves of the other columns.
 * @param panel Columns given to the kernel at a time.
 */
export function basisByPanels(A: Tensor2D, panel: number): Tensor2D {
  return tidy(() => {
    const [m, n] = A.shape;
    if (n <= panel) return basisAtOnce(A);
    const first = basisAtOnce(slice(A, [0, 0], [m, panel]));
    const { V, W } = reflectionOnto(first);
    const below = rowsFrom(V, panel);
    // Of Hᵀ times the other columns, the rows below those that the first columns have settled.
    const remaining: Tensor2D = tidy(() => {
      const others = slice(A, [0, panel], [m, n - panel]);
      return sub(rowsFrom(others, panel), matMul(below, matMul(W, others, true)));
    });
    // H times the remaining columns' basis, which has zeros in the first rows.
    const rest = basisByPanels(remaining, panel);
    const reflected: Tensor2D = sub(padRows(rest, panel, 0), matMul(W, matMul(below, rest, true)));
    return concat([first, reflected], 1);
  });
}

/**
 * The orthogonal `H = I − W·Vᵀ` [m, m] that maps the first b unit columns E to −Q·Zᵀ, whose span is that of Q [m, b], m > b.
 *
 * With the QR decomposition Z·R of Q's top rows and diag(R) ≥ 0, `V = Q + E·Z` and `W = V·(I + R)⁻ᵀ`. VᵀE is (I + R)ᵀ·Zᵀ,
 * so that HE = E − V·Zᵀ = −Q·Zᵀ; VᵀV is (I + R) + (I + R)ᵀ, so that HᵀH = I. R is a triangular contraction and its diagonal
 * from 0 to 1, so that I + R is well conditioned and H orthogonal to rounding, whatever Q is.
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
