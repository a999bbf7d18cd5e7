import { tensor2d, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import { Matrix } from 'ml-matrix';

/** A float32 tensor of a float64 matrix. */
export function toTensor(matrix: Matrix): Tensor2D {
  return tensor2d(Float32Array.from(matrix.to1DArray()), [matrix.rows, matrix.columns]);
}

/** The values of a tensor of rank 2. */
export function toMatrix(tensor: Tensor): Matrix {
  return Matrix.from1DArray(tensor.shape[0], tensor.shape[1]!, tensor.dataSync());
}
