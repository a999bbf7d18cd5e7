import { z } from 'zod';
import { preparationVersion } from './fingerprint.js';
import { duplicatesSchema, tallySchema } from './manifest.js';
import { Remembered } from './remembered.js';
import type { TextFile } from './text-files.js';

const knownText = z.strictObject({ fingerprint: z.string(), empty: tallySchema, duplicates: duplicatesSchema });

/** The result of reading a corpus. */
export type KnownText = z.infer<typeof knownText>;

/** Results of reading corpora, by their files. */
const knownTexts = new Remembered('.known-texts', knownText);

/** Everything that decides the tokens, besides the files. */
export interface Preparation {
  readonly tokenizer: string;
  readonly vocabSize: number;
  readonly valFraction: number;
}

/** Returns the result of an earlier reading of the files; undefined if there is none or a file has changed. */
export async function recall(
  root: string,
  files: readonly TextFile[],
  preparation: Preparation,
): Promise<KnownText | undefined> {
  return knownTexts.recall(root, keyOf(files, preparation));
}

/** Stores the result of reading the files, unless they may still be changing. */
export async function remember(
  root: string,
  files: readonly TextFile[],
  preparation: Preparation,
  known: KnownText,
): Promise<void> {
  await knownTexts.remember(root, keyOf(files, preparation), files, known);
}

function keyOf(files: readonly TextFile[], preparation: Preparation): unknown {
  return [preparationVersion, preparation, files.map(({ name, path, state }) => [name, path, state])];
}
