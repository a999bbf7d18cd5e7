import { matMul, reshape, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import type { ParameterInfo } from '../optimizer.js';

/**
 * The layout of a parameter for Kronecker-factored preconditioning: a matrix [rows, columns] with a factor on the left
 * (L, rows × rows), on the right (R, columns × columns), on both or on neither. A side without a factor is the identity.
 */
export interface Sides {
  readonly rows: number;
  readonly columns: number;
  readonly left: boolean;
  readonly right: boolean;
}

/** The matrices of a parameter's sides. An absent side is the identity. */
export interface SidePair {
  readonly left?: Tensor | undefined;
  readonly right?: Tensor | undefined;
}

/** Rules that decide which sides have a factor. */
export interface SideRules {
  /** True if vectors have a factor. */
  readonly vectors: boolean;
  /** True if the vocabulary side of embedding and head has a factor. */
  readonly vocabulary: boolean;
  /** The longest side that has a factor. */
  readonly maxDim: number;
}

/** Returns the sides of a parameter. A vector is a single column. */
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

/** Keeps only the shorter of two sides with a factor; the left one if they are equally long. */
export function smallerSide(sides: Sides): Sides {
  if (!sides.left || !sides.right) return sides;
  const left = sides.rows <= sides.columns;
  return { ...sides, left, right: !left };
}

/** State shapes of one square matrix per side, under the given names. */
export function squareShapes(sides: Sides, left: string, right: string): Record<string, readonly number[]> {
  return {
    ...(sides.left ? { [left]: [sides.rows, sides.rows] } : {}),
    ...(sides.right ? { [right]: [sides.columns, sides.columns] } : {}),
  };
}

/** Pairs the matrices with the sides that have a factor. */
export function onSides(sides: Sides, left: Tensor | undefined, right: Tensor | undefined): SidePair {
  return { left: sides.left ? left : undefined, right: sides.right ? right : undefined };
}

/** Projects X into the bases: `Leftᵀ · X · Right`, in X's shape. */
export function project(X: Tensor, sides: Sides, bases: SidePair): Tensor {
  return multiplySides(X, sides, bases, true);
}

/** Projects X back out of the bases: `Left · X · Rightᵀ`, in X's shape. Equals `project` for symmetric matrices. */
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

/** Reshapes X to [rows, columns]. */
export function asMatrix(X: Tensor, { rows, columns }: Sides): Tensor2D {
  return X.rank === 2 && X.shape[0] === rows ? (X as Tensor2D) : reshape(X, [rows, columns]);
}

/** Describes the sides for `optimizers explain`, such as `left 128×128, right: identity`. */
export function describeSides({ rows, columns, left, right }: Sides): string {
  const side = (name: string, size: number, has: boolean) =>
    `${name} ${has ? `${size}×${size}` : `identity (${size})`}`;
  return columns === 1 && !right
    ? side('left', rows, left)
    : `${side('left', rows, left)}, ${side('right', columns, right)}`;
}
