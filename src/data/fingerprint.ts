import { createHash } from 'node:crypto';
import { readParts } from './documents.js';
import type { Cut } from './split.js';
import { documentName, type Survey } from './survey.js';

/** Raise it whenever cleaning, splitting, encoding or the files' format changes what the same text becomes. */
export const preparationVersion = 1;

export interface FingerprintParts {
  survey: Survey;
  tokenizer: string;
  vocabSize: number;
  valFraction: number;
  cut: Cut | undefined;
}

/**
 * SHA-256 over everything that decides the tokens: the documents' names and texts, the tokenizer, its size, the split.
 * Part of the folder's name, so that changed text is never mistaken for the tokens prepared before.
 */
export async function fingerprint(parts: FingerprintParts): Promise<string> {
  const { survey, tokenizer, vocabSize, valFraction, cut } = parts;
  const hash = createHash('sha256');
  // Earlier versions cut at the next word alone: what they prepared keeps its name.
  const cutAt = cut === undefined || cut.isNextWord ? undefined : cut.at;
  hash.update(JSON.stringify({ preparationVersion, tokenizer, vocabSize, valFraction, cutAt }));
  for (const file of survey.files) {
    let begun = 0;
    for await (const parts of readParts(file.path)) {
      for (const { document, text } of parts) {
        if (document === begun) {
          const name = documentName(file, document);
          // Lengths keep ("ab", "c") apart from ("a", "bc").
          hash.update(`\n${name.length} ${file.lengths[document] ?? 0}\n`).update(name);
          begun += 1;
        }
        hash.update(text);
      }
    }
  }
  return hash.digest('hex');
}
