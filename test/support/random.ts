import { Matrix } from 'ml-matrix';
import { initialValues } from '../../src/model/parameters.js';

/** Standard normal numbers that depend only on the label. */
export function normals(label: string, count: number): Float32Array {
  return initialValues({ name: label, shape: [count], role: 'vector', initial: { std: 1 } }, 0);
}

export function normalMatrix(label: string, rows: number, columns: number): Matrix {
  return Matrix.from1DArray(rows, columns, normals(label, rows * columns));
}

/** Integers from 0 up to but excluding `below` that depend only on the label. */
export function wholes(label: string, count: number, below: number): Int32Array {
  return Int32Array.from(normals(label, count), (value) => Math.floor(Math.abs(value) * 1e6) % below);
}

/** A symmetric matrix with these eigenvalues and random eigenvectors. */
export function symmetricWith(label: string, eigenvalues: readonly number[]): Matrix {
  const size = eigenvalues.length;
  const directions = orthogonal(normalMatrix(label, size, size));
  return directions.mmul(Matrix.diag([...eigenvalues])).mmul(directions.transpose());
}

/** Orthonormalizes the columns by Gram–Schmidt. */
function orthogonal(matrix: Matrix): Matrix {
  const columns: number[][] = [];
  for (let j = 0; j < matrix.columns; j++) {
    let column = matrix.getColumn(j);
    for (const earlier of columns) {
      const overlap = dot(column, earlier);
      column = column.map((value, i) => value - overlap * earlier[i]!);
    }
    const length = Math.sqrt(dot(column, column));
    columns.push(column.map((value) => value / length));
  }
  return new Matrix(columns).transpose();
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}
