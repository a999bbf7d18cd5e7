import { createHash } from 'node:crypto';
import { readParts } from './documents.js';
import type { Cut } from './split.js';
import { documentName, type Survey } from './survey.js';

/** The version of preparation. Raise it if cleaning, splitting, encoding or the file format changes the result. */
export const preparationVersion = 1;

export interface FingerprintParts {
  survey: Survey;
  tokenizer: string;
  vocabSize: number;
  valFraction: number;
  cut: Cut | undefined;
}

/**
 * SHA-256 over everything that decides the tokens: the names and texts of documents, the tokenizer, its size and the split.
 * It is part of the folder's name, so that changed text never reuses older tokens.
 */
export async function fingerprint(parts: FingerprintParts): Promise<string> {
  const { survey, tokenizer, vocabSize, valFraction, cut } = parts;
  const hash = createHash('sha256');
  // Earlier versions only cut at the next word. Their datasets keep their names.
  const cutAt = cut === undefined || cut.isNextWord ? undefined : cut.at;
  hash.update(JSON.stringify({ preparationVersion, tokenizer, vocabSize, valFraction, cutAt }));
  for (const file of survey.files) {
    let begun = 0;
    for await (const parts of readParts(file.path)) {
      for (const { document, text } of parts) {
        if (document === begun) {
          const name = documentName(file, document);
          // Lengths distinguish ("ab", "c") from ("a", "bc").
          hash.update(`\n${name.length} ${file.lengths[document] ?? 0}\n`).update(name);
          begun += 1;
        }
        hash.update(text);
      }
    }
  }
  return hash.digest('hex');
}
