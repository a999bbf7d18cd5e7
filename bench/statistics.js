export { median } from '../dist/median.js';
export { mean } from '../dist/statistics/mean.js';

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
