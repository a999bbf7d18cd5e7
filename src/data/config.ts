import { z } from 'zod';
import { whole } from '../whole.js';
import { builtInCorpora } from './corpora.js';
import { tokenizerNames } from './tokenizers/tokenizer.js';

const corpusNames = builtInCorpora.map(({ name }) => `\`${name}\``).join(', ');

/** The training text, its tokenizer and the sampling of batches. */
export const dataSchema = z.strictObject({
  corpus: z.string().min(1).default('sotu').describe(`${corpusNames}, a .txt file, or a folder of .txt files.`),
  tokenizer: z.enum(tokenizerNames).default('gpt2').describe('Bytes, or GPT-2’s byte-pair encoding.'),
  vocab_size: whole(1).optional().describe('Keep only the first merges of `gpt2`; left out, all 50257 tokens.'),
  val_fraction: z.number().gt(0).lt(1).default(0.05).describe('Share of the documents kept for validation.'),
  allow_duplicates: z
    .boolean()
    .optional()
    .describe('Train even if a validation document is in the training text too; left out, that is refused.'),
  shuffle: z.boolean().default(true).describe('Visit the text in a seeded order; false walks through it.'),
});

export type DataConfig = z.output<typeof dataSchema>;
