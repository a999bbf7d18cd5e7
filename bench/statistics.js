/** @param {readonly number[]} values */
export function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return mean(sorted.slice(Math.ceil(middle) - 1, Math.floor(middle) + 1));
}

/**
 * The upper one of the two middle values, which is what peer/bench.py reports as the median of its steps.
 * @param {readonly number[]} values
 */
export function upperMedian(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

/**
 * @param {number} value
 * @param {number} digits Behind the point.
 */
export function rounded(value, digits) {
  return Number(value.toFixed(digits));
}
