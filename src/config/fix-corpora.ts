import { fixedCorpus } from '../data/corpus-path.js';

/** Keys of a sweep that are no keys of the configuration that they vary. */
const sweepKeys: readonly string[] = ['sweep', 'parameters', 'zip', 'value', 'values'];

/** A configuration as files and words have it, with every path of a corpus absolute. */
export function fixCorpora(value: unknown, path: readonly string[] = []): unknown {
  if (Array.isArray(value)) return value.map((item) => fixCorpora(item, path));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, fixCorpora(item, [...path, ...key.split('.')])]),
    );
  }
  const isCorpus = path.filter((key) => !sweepKeys.includes(key)).join('.') === 'data.corpus';
  return isCorpus && typeof value === 'string' ? fixedCorpus(value) : value;
}
