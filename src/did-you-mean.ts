import { distance } from 'fastest-levenshtein';

/** The candidate that a mistyped or shortened word most likely stands for; undefined when nothing is close. */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[-_. ]/g, '');
  const scored = candidates
    .map((candidate) => ({ candidate, away: distance(plain(word), plain(candidate)) }))
    .sort((a, b) => a.away - b.away);
  const best = scored[0];
  // Two wrong letters of four: `sopa` finds `soap`, `x` finds nothing.
  if (best !== undefined && best.away <= Math.min(3, Math.ceil(0.4 * word.length))) return best.candidate;
  return word.length < 3 ? undefined : candidates.find((candidate) => plain(candidate).startsWith(plain(word)));
}

/** ` did you mean "soap"?` with its leading space, or nothing. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const guess = closest(word, candidates);
  return guess === undefined ? '' : ` did you mean "${guess}"?`;
}
