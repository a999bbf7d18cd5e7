import { closest, distance } from 'fastest-levenshtein';

/**
 * `Did you mean "sotu"? ` when one of the words is close to what was given, else nothing.
 * Close is a third of the word's letters: more than that is a different word, and a guess would mislead.
 */
export function didYouMean(given: string, words: readonly string[]): string {
  if (words.length === 0) return '';
  const best = closest(given.toLowerCase(), words);
  const isClose = distance(given.toLowerCase(), best) <= Math.max(2, Math.floor(best.length / 3));
  return isClose ? `Did you mean "${best}"? ` : '';
}
