import { abs, cast, less, logicalAnd, logicalNot, sum, where, zerosLike, type Tensor } from '@tensorflow/tfjs-core';

/** Larger sums of elements are about to overflow float32 in the products of a decomposition. */
const largest = 1e30;

/**
 * A matrix function that cannot spoil what it replaces: where the matrix or a result is not finite, all results are the
 * stand-ins of the same names. The function only ever sees finite matrices, because some kernels refuse others.
 * @returns The results, and 1 in `failed` (float32, rank 0) when the stand-ins were taken, else 0.
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

/** One pass over the elements: what is not finite makes the sum so, and NaN is not less than anything. */
function allFinite(tensor: Tensor): Tensor {
  return less(abs(sum(tensor)), largest);
}
