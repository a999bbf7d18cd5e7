import { concat, reshape, slice, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import { asMatrix, type Sides } from './kronecker.js';

/** A part of a parameter that is preconditioned on its own. */
export interface Block {
  /** Behind the names of its state: nothing when the block is the whole parameter, else its number. */
  readonly suffix: string;
  /** Of its first element in the parameter's matrix. */
  readonly row: number;
  readonly column: number;
  readonly sides: Sides;
}

/** The whole parameter as one block. */
export function wholeBlock(sides: Sides): readonly Block[] {
  return [{ suffix: '', row: 0, column: 0, sides }];
}

/** Blocks, row by row, whose sides with a factor are at most `size` long. A side without a factor is not cut. */
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

/** The block's part of a tensor of the parameter's shape, [rows, columns] of the block. */
export function cutBlock(X: Tensor, whole: Sides, { suffix, row, column, sides }: Block): Tensor2D {
  const matrix = asMatrix(X, whole);
  return suffix === '' ? matrix : slice(matrix, [row, column], [sides.rows, sides.columns]);
}

/** A tensor of this shape from its blocks' parts, in the blocks' order. */
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
