import padjust from '@stdlib/stats-padjust';

/**
 * Adjusts the p-values of several tests by Holm's method, which controls the family-wise error rate. Unknown values stay
 * null and do not count as tests.
 * Source: S. Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6, 1979.
 */
export function holm(ps: readonly (number | null)[]): (number | null)[] {
  const known = ps.filter((p) => p !== null);
  const adjusted = known.length === 0 ? [] : padjust(known, 'holm');
  let next = 0;
  return ps.map((p) => (p === null ? null : adjusted[next++]!));
}
