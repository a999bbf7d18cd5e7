/** The lowest of the numbers of a column, to be marked as the best; undefined where all are the same, or there is one. */
export function lowest(values: readonly (number | null | undefined)[]): number | undefined {
  const known = values.filter((value) => typeof value === 'number' && !Number.isNaN(value)) as number[];
  const best = Math.min(...known);
  return Number.isFinite(best) && known.some((value) => value > best) ? best : undefined;
}
