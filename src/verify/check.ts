/** One comparison with reference data. */
export interface Check {
  /** The file's name for the case, e.g. `soap-square`. */
  readonly case: string;
  /** The compared quantity, e.g. `weights, 24 steps`. */
  readonly quantity: string;
  /** The largest difference. It is NaN, which never passes, if a value is not finite. */
  readonly difference: number;
  /** The largest difference that passes. */
  readonly tolerance: number;
}

/** Returns true if the difference is within the tolerance. */
export function passes({ difference, tolerance }: Check): boolean {
  return difference <= tolerance;
}

/** The largest absolute difference between two arrays of equal length; NaN if any difference is NaN. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return NaN;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    if (Number.isNaN(difference)) return NaN;
    largest = Math.max(largest, difference);
  }
  return largest;
}

/** The Frobenius norm of a − b relative to that of b. */
export function relativeDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return NaN;
  let difference = 0;
  let reference = 0;
  for (let i = 0; i < b.length; i++) {
    difference += (a[i]! - b[i]!) ** 2;
    reference += b[i]! ** 2;
  }
  return Math.sqrt(difference / reference);
}
