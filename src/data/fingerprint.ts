import { createHash } from 'node:crypto';
import type { Document } from './text.js';

/** Raise it whenever cleaning, splitting, encoding or the files' format changes what the same text becomes. */
const preparationVersion = 1;

export interface FingerprintParts {
  documents: readonly Document[];
  tokenizer: string;
  vocabSize: number;
  valFraction: number;
}

/**
 * SHA-256 over everything that decides the tokens: the documents' names and texts, the tokenizer, its size, the split.
 * Part of the folder's name, so that changed text is never mistaken for the tokens prepared before.
 */
export function fingerprint({ documents, tokenizer, vocabSize, valFraction }: FingerprintParts): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify({ preparationVersion, tokenizer, vocabSize, valFraction }));
  for (const { name, text } of documents) {
    // Lengths keep ("ab", "c") apart from ("a", "bc").
    hash.update(`\n${name.length} ${text.length}\n`).update(name).update(text);
  }
  return hash.digest('hex');
}
