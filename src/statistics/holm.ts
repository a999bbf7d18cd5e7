import padjust from '@stdlib/stats-padjust';

/**
 * p-values of several tests, each raised so that of all of them together no more than a share p is wrong by chance.
 * What is not known stays null and is not counted.
 * Source: S. Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6, 1979.
 */
export function holm(ps: readonly (number | null)[]): (number | null)[] {
  const known = ps.filter((p) => p !== null);
  const adjusted = known.length === 0 ? [] : padjust(known, 'holm');
  let next = 0;
  return ps.map((p) => (p === null ? null : adjusted[next++]!));
}
