/**
 * The smallest and the largest of some values; infinite ones the other way round of nothing. Unlike Math.min and Math.max it
 * takes any number of them.
 */
export function extent(values: Iterable<number>): [low: number, high: number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}
