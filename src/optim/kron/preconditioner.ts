import {
  add,
  argMax,
  div,
  expandDims,
  eye,
  fill,
  gather,
  matMul,
  max,
  maximum,
  mean,
  mul,
  reshape,
  sqrt,
  square,
  sub,
  sum,
  transpose,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { lerp, norm } from '../matrix/tensor-functions.js';

/*
 * The preconditioner P = P₁ ⊗ P₂ of PSGD Kron: one symmetric factor a dimension, dense or diagonal, which whitens what it
 * is applied to. Source: arXiv:2402.11858; the update is P ← A·P·A with A = I − μ/(2ℓ)·(T − tI), where T is the second
 * moment of the whitened gradient along that dimension, t what it is when white, and ℓ a bound on both.
 */

export interface KronSide {
  readonly slot: 'P1' | 'P2';
  readonly size: number;
  readonly isDense: boolean;
}

export type KronState = KronSide['slot'] | `${KronSide['slot']}/bound`;

/** The sides of a tensor. Vectors, dimensions of length one and those longer than `maxDim` have diagonal factors. */
export function sidesOf(
  shape: readonly number[],
  { maxDim, isFirstDiagonal }: { maxDim: number; isFirstDiagonal: boolean },
): KronSide[] {
  return shape.map((size, axis) => ({
    slot: axis === 0 ? 'P1' : 'P2',
    size,
    isDense: shape.length > 1 && size > 1 && size <= maxDim && !(axis === 0 && isFirstDiagonal),
  }));
}

/** Initial factors: multiples of the identity that scale the gradient to a root mean square of one. */
export function initial(G: Tensor, sides: readonly KronSide[], damping: number): Tensor[] {
  const level = div(1, add(sqrt(mean(square(G))), damping));
  const share = sides.length === 2 ? sqrt(level) : level;
  return sides.map(({ size, isDense }) => mul(isDense ? eye(size) : fill([size], 1), share));
}

/** Returns P·X in X's shape. */
export function apply(factors: readonly Tensor[], sides: readonly KronSide[], X: Tensor): Tensor {
  if (sides.length === 1) return mul(factors[0]!, X);
  const [left, right] = factors as [Tensor, Tensor];
  const rows = sides[0]!.isDense ? matMul(left, X) : mul(expandDims(left, 1), X);
  return sides[1]!.isDense ? matMul(rows, right) : mul(rows, right);
}

/**
 * Takes one step of the factors and their bounds towards whitening.
 * @param whitened P·G for the gradient that the factors are fitted to.
 */
export function fitted(
  factors: readonly Tensor[],
  sides: readonly KronSide[],
  whitened: Tensor,
  state: Readonly<Record<KronState, Tensor>>,
  options: { preconditioner_lr: number; preconditioner_beta: number; damping: number },
): Partial<Record<KronState, Tensor>> {
  const { preconditioner_lr, preconditioner_beta, damping } = options;
  const squares = factors.map((P, i) => (sides[i]!.isDense ? matMul(P, P) : square(P)));
  const next: Partial<Record<KronState, Tensor>> = {};
  const updated = sides.map((side, axis) => {
    const other = sides[1 - axis];
    const white = whitened.size / side.size;
    // The expected contribution of gradient noise of size `damping`: P² times the trace of the other factor's square.
    const noise = mul(squares[axis]!, damping ** 2);
    const ofOther = other === undefined ? 1 : traceOf(squares[1 - axis]!, other);
    const T = add(secondMoment(whitened, axis, side), mul(noise, ofOther));
    const size = add(side.isDense ? spectralNorm(T) : max(T), white);
    const before = state[`${side.slot}/bound`];
    const bound = maximum(lerp(before, size, 1 - preconditioner_beta), size);
    next[`${side.slot}/bound`] = bound;
    const step = div(preconditioner_lr / 2, bound);
    return multiplied(
      factors[axis]!,
      side,
      mul(side.isDense ? sub(T, mul(eye(side.size), white)) : sub(T, white), step),
    );
  });
  for (const [axis, P] of balanced(updated).entries()) next[sides[axis]!.slot] = P;
  return next;
}

/** (I − E)·P·(I − E), kept symmetric despite rounding. */
function multiplied(P: Tensor, { isDense }: KronSide, E: Tensor): Tensor {
  if (!isDense) return mul(P, square(sub(1, E)));
  const half = sub(P, matMul(E, P));
  const whole = sub(half, matMul(half, E));
  return mul(add(whole, transpose(whole)), 0.5);
}

/** Sum of x·xᵀ over the fibres along an axis, as a matrix or its diagonal. */
function secondMoment(X: Tensor, axis: number, { isDense }: KronSide): Tensor {
  if (X.rank === 1) return square(X);
  return isDense ? matMul(X, X, axis === 1, axis === 0) : sum(square(X), 1 - axis);
}

function traceOf(matrix: Tensor, { isDense, size }: KronSide): Tensor {
  return sum(isDense ? mul(matrix, eye(size)) : matrix);
}

/** A usually tight lower bound on the largest eigenvalue of a positive semi-definite matrix, by two power iterations. */
function spectralNorm(matrix: Tensor): Tensor {
  const scale = add(max(matrix), smallest);
  const A = div(matrix, scale);
  const longest = gather(A, reshape(argMax(sum(square(A), 1), 0), [1]), 0); // as a row
  const x = matMul(longest, A);
  return mul(scale, norm(matMul(div(x, add(norm(x), smallest)), A)));
}

/** Rescales the factors to equal largest entries without changing their product. */
function balanced(factors: readonly Tensor[]): readonly Tensor[] {
  if (factors.length === 1) return factors;
  const [left, right] = factors as [Tensor, Tensor];
  const ratio = sqrt(div(max(right), max(left)));
  return [mul(left, ratio), div(right, ratio)];
}

/** Prevents division by zero for zero matrices. */
const smallest = 1e-30;
