import { z } from 'zod';
import { preparationVersion } from './fingerprint.js';
import { duplicatesSchema, tallySchema } from './manifest.js';
import { Remembered } from './remembered.js';
import type { TextFile } from './text-files.js';

const knownText = z.strictObject({ fingerprint: z.string(), empty: tallySchema, duplicates: duplicatesSchema });

/** What reading a corpus came to. */
export type KnownText = z.infer<typeof knownText>;

/** Which tokens the files of a corpus became. */
const knownTexts = new Remembered('.known-texts', knownText);

/** What decides the tokens besides the files. */
export interface Preparation {
  readonly tokenizer: string;
  readonly vocabSize: number;
  readonly valFraction: number;
}

/** What the files came to when they were read before; undefined when they were not, or have changed in any way. */
export async function recall(
  root: string,
  files: readonly TextFile[],
  preparation: Preparation,
): Promise<KnownText | undefined> {
  return knownTexts.recall(root, keyOf(files, preparation));
}

/** Keeps what the files came to, unless they may be changing still. */
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
