import { div, gather, maximum, mul, reshape, sqrt, square, sum, type Tensor } from '@tensorflow/tfjs-core';
import { asMatrix, type Sides } from '../matrix/kronecker.js';
import { lerp } from '../matrix/tensor-functions.js';

/** State of a second moment: all elements (`v`), or the sums of rows and columns. */
export type Moments = Readonly<Partial<Record<'v' | 'vRows' | 'vColumns', Tensor>>>;

/** A representation of the gradient's second moment in the eigenbasis. */
export interface SecondMoment {
  stateShapes(shape: readonly number[], sides: Sides): Record<string, readonly number[]>;
  /** Selects its entries of a parameter's state. */
  of(state: Moments): Moments;
  /** Accumulates a rotated gradient. */
  average(state: Moments, rotated: Tensor, sides: Sides, beta: number): Moments;
  /** √V, in the parameter's shape. */
  root(state: Moments, shape: readonly number[]): Tensor;
  /** Permutes the elements to the columns of the refreshed bases. A side without an order stays as it is. */
  permute(state: Moments, sides: Sides, orders: { left?: Tensor | undefined; right?: Tensor | undefined }): Moments;
}

/** Returns the chosen representation. A single row or column is always kept in full, as factorizing saves nothing. */
export function secondMomentOf(kind: 'full' | 'factorized', { rows, columns }: Sides): SecondMoment {
  return kind === 'factorized' && rows > 1 && columns > 1 ? factorized : full;
}

const full: SecondMoment = {
  stateShapes: (shape) => ({ v: shape }),
  of: ({ v }) => ({ v: v! }),
  average: ({ v }, rotated, _sides, beta) => ({ v: lerp(v!, square(rotated), 1 - beta) }),
  root: ({ v }) => sqrt(v!),
  permute({ v }, sides, { left, right }) {
    let result: Tensor = asMatrix(v!, sides);
    if (left !== undefined) result = gather(result, left, 0);
    if (right !== undefined) result = gather(result, right, 1);
    return { v: reshape(result, v!.shape) };
  },
};

/**
 * Adafactor's representation: row sums A [m, 1] and column sums C [1, n], with V = A·C / ΣA.
 * Source: arXiv:2409.11321, section 7; Shazeer & Stern, arXiv:1804.04235.
 */
const factorized: SecondMoment = {
  stateShapes: (_shape, { rows, columns }) => ({ vRows: [rows, 1], vColumns: [1, columns] }),
  of: ({ vRows, vColumns }) => ({ vRows: vRows!, vColumns: vColumns! }),
  average({ vRows, vColumns }, rotated, sides, beta) {
    const squares = square(asMatrix(rotated, sides));
    return {
      vRows: lerp(vRows!, sum(squares, 1, true), 1 - beta),
      vColumns: lerp(vColumns!, sum(squares, 0, true), 1 - beta),
    };
  },
  root({ vRows, vColumns }, shape) {
    // The bound prevents 0/0 for a gradient that has always been zero. Taking roots first needs m + n of them, not m·n.
    const total = maximum(sum(vRows!), 1e-30);
    return reshape(mul(sqrt(vRows!), sqrt(div(vColumns!, total))), [...shape]);
  },
  permute: ({ vRows, vColumns }, _sides, { left, right }) => ({
    vRows: left === undefined ? vRows! : gather(vRows!, left, 0),
    vColumns: right === undefined ? vColumns! : gather(vColumns!, right, 1),
  }),
};
