import { abs, cast, less, logicalAnd, logicalNot, sum, where, zerosLike, type Tensor } from '@tensorflow/tfjs-core';

/** The largest accepted sum of elements. Beyond it the products in a decomposition may overflow float32. */
const largest = 1e30;

/**
 * Computes a matrix function, and falls back to the stand-ins if the matrix or any result is not finite. The function only
 * sees finite matrices, because some kernels reject others.
 * @returns The results; `failed` (float32, rank 0) is 1 if the stand-ins were used, else 0.
 */
export function guarded<T extends Readonly<Record<string, Tensor | undefined>>>(
  matrix: Tensor,
  compute: (matrix: Tensor) => T,
  standIns: T,
): { result: T; failed: Tensor } {
  const isUsable = allFinite(matrix);
  const computed = compute(where(isUsable, matrix, zerosLike(matrix)));
  let ok = isUsable;
  for (const tensor of Object.values(computed)) {
    if (tensor?.dtype === 'float32') ok = logicalAnd(ok, allFinite(tensor));
  }
  const result = Object.fromEntries(
    Object.entries(computed).map(([name, tensor]) => [name, tensor && where(ok, tensor, standIns[name]!)]),
  );
  return { result: result as T, failed: cast(logicalNot(ok), 'float32') };
}

/** Checks all elements by their sum: a non-finite element makes it non-finite, and NaN compares less than nothing. */
function allFinite(tensor: Tensor): Tensor {
  return less(abs(sum(tensor)), largest);
}
