import { concat, reshape, slice, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import { asMatrix, type Sides } from './kronecker.js';

/** A part of a parameter that is preconditioned separately. */
export interface Block {
  /** The suffix of its state names: its number, or empty if the block is the whole parameter. */
  readonly suffix: string;
  /** Row of its first element in the parameter's matrix. */
  readonly row: number;
  readonly column: number;
  readonly sides: Sides;
}

/** The whole parameter as one block. */
export function wholeBlock(sides: Sides): readonly Block[] {
  return [{ suffix: '', row: 0, column: 0, sides }];
}

/** Splits a parameter into blocks, row by row, of at most `size` on each side with a factor. Other sides are not split. */
export function blocksOf(sides: Sides, size: number): readonly Block[] {
  const rows = spans(sides.rows, sides.left ? size : sides.rows);
  const columns = spans(sides.columns, sides.right ? size : sides.columns);
  if (rows.length * columns.length === 1) return wholeBlock(sides);
  return rows
    .flatMap((row) => columns.map((column) => ({ row, column })))
    .map(({ row, column }, i) => ({
      suffix: String(i),
      row: row.start,
      column: column.start,
      sides: { ...sides, rows: row.length, columns: column.length },
    }));
}

/** Extracts a block, [rows, columns], from a tensor of the parameter's shape. */
export function cutBlock(X: Tensor, whole: Sides, { suffix, row, column, sides }: Block): Tensor2D {
  const matrix = asMatrix(X, whole);
  return suffix === '' ? matrix : slice(matrix, [row, column], [sides.rows, sides.columns]);
}

/** Assembles a tensor of this shape from its blocks, given in the blocks' order. */
export function joinBlocks(parts: readonly Tensor[], blocks: readonly Block[], shape: readonly number[]): Tensor {
  const rowStarts = [...new Set(blocks.map(({ row }) => row))];
  const bands = rowStarts.map((start) => {
    const band = parts.filter((_, i) => blocks[i]!.row === start);
    return band.length === 1 ? band[0]! : concat(band, 1);
  });
  return reshape(bands.length === 1 ? bands[0]! : concat(bands, 0), [...shape]);
}

function spans(length: number, size: number): { start: number; length: number }[] {
  return Array.from({ length: Math.ceil(length / size) }, (_, i) => ({
    start: i * size,
    length: Math.min(size, length - i * size),
  }));
}
