import { matMul, reshape, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import type { ParameterInfo } from '../optimizer.js';

/**
 * How a parameter is laid out for Kronecker-factored preconditioning: as a matrix [rows, columns] with a factor on the
 * left (L, rows × rows), on the right (R, columns × columns), both or none. A side without a factor is the identity.
 */
export interface Sides {
  readonly rows: number;
  readonly columns: number;
  readonly left: boolean;
  readonly right: boolean;
}

/** Matrices of a parameter's sides; a side that is absent is the identity. */
export interface SidePair {
  readonly left?: Tensor | undefined;
  readonly right?: Tensor | undefined;
}

/** Which sides get a factor. */
export interface SideRules {
  /** Whether a vector has one. */
  readonly vectors: boolean;
  /** Whether the vocabulary side of embedding and head has one. */
  readonly vocabulary: boolean;
  /** A longer side has none. */
  readonly maxDim: number;
}

/** The sides of a parameter, vectors as a single column. */
export function sidesOf({ shape, role }: ParameterInfo, rules: SideRules): Sides {
  const [rows, columns = 1] = shape as readonly [number, number?];
  if (shape.length < 2) return { rows, columns: 1, left: rules.vectors && rows <= rules.maxDim, right: false };
  const isVocabularySided = role === 'embedding' || role === 'head';
  return {
    rows,
    columns,
    left: rows <= rules.maxDim && (rules.vocabulary || !isVocabularySided),
    right: columns <= rules.maxDim,
  };
}

/** Of two sides with a factor the shorter one alone; of two equally long ones the left. */
export function smallerSide(sides: Sides): Sides {
  if (!sides.left || !sides.right) return sides;
  const left = sides.rows <= sides.columns;
  return { ...sides, left, right: !left };
}

/** State shapes of a square matrix a side, under the names given for left and right. */
export function squareShapes(sides: Sides, left: string, right: string): Record<string, readonly number[]> {
  return {
    ...(sides.left ? { [left]: [sides.rows, sides.rows] } : {}),
    ...(sides.right ? { [right]: [sides.columns, sides.columns] } : {}),
  };
}

/** The matrices of the sides that have one. */
export function onSides(sides: Sides, left: Tensor | undefined, right: Tensor | undefined): SidePair {
  return { left: sides.left ? left : undefined, right: sides.right ? right : undefined };
}

/** `Leftᵀ · X · Right`: into the bases, in X's own shape. */
export function project(X: Tensor, sides: Sides, bases: SidePair): Tensor {
  return multiplySides(X, sides, bases, true);
}

/** `Left · X · Rightᵀ`: out of the bases, in X's own shape. For symmetric matrices the same as `project`. */
export function projectBack(X: Tensor, sides: Sides, bases: SidePair): Tensor {
  return multiplySides(X, sides, bases, false);
}

function multiplySides(X: Tensor, sides: Sides, { left, right }: SidePair, transposeLeft: boolean): Tensor {
  if (left === undefined && right === undefined) return X;
  let result = asMatrix(X, sides);
  if (left !== undefined) result = matMul(left as Tensor2D, result, transposeLeft, false);
  if (right !== undefined) result = matMul(result, right as Tensor2D, false, !transposeLeft);
  return reshape(result, X.shape);
}

/** X as [rows, columns]. */
export function asMatrix(X: Tensor, { rows, columns }: Sides): Tensor2D {
  return X.rank === 2 && X.shape[0] === rows ? (X as Tensor2D) : reshape(X, [rows, columns]);
}

/** `left 128×128, right: identity` and the like, for `optimizers explain`. */
export function describeSides({ rows, columns, left, right }: Sides): string {
  const side = (name: string, size: number, has: boolean) =>
    `${name} ${has ? `${size}×${size}` : `identity (${size})`}`;
  return columns === 1 && !right
    ? side('left', rows, left)
    : `${side('left', rows, left)}, ${side('right', columns, right)}`;
}
