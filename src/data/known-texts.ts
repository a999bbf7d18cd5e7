import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { preparationVersion } from './fingerprint.js';
import { duplicatesSchema, tallySchema } from './manifest.js';
import type { TextFile } from './text-files.js';

/*
 * Which tokens the files of a corpus became, kept beside the datasets, so that text that has not changed is not read again.
 * It can be deleted at any time.
 */
const folderName = '.known-texts';

/** Files changed so shortly before they were read may have changed again without another time. */
const settledMs = 2000;

const knownText = z.strictObject({ fingerprint: z.string(), empty: tallySchema, duplicates: duplicatesSchema });

/** What reading a corpus came to. */
export type KnownText = z.infer<typeof knownText>;

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
  try {
    return knownText.parse(JSON.parse(await readFile(fileFor(root, files, preparation), 'utf8')));
  } catch {
    return undefined;
  }
}

/** Keeps what the files came to, unless they may be changing still. */
export async function remember(
  root: string,
  files: readonly TextFile[],
  preparation: Preparation,
  known: KnownText,
): Promise<void> {
  const newest = files.reduce((latest, { changedMs }) => Math.max(latest, changedMs), 0);
  if (Date.now() - newest < settledMs) return;
  try {
    await mkdir(join(root, folderName), { recursive: true });
    await writeFile(fileFor(root, files, preparation), JSON.stringify(known) + '\n');
  } catch {
    // Without it the text is read again, which is all.
  }
}

function fileFor(root: string, files: readonly TextFile[], preparation: Preparation): string {
  const hash = createHash('sha256').update(JSON.stringify([preparationVersion, preparation]));
  for (const { name, path, state } of files) hash.update(JSON.stringify([name, path, state]));
  return join(root, folderName, `${hash.digest('hex').slice(0, 32)}.json`);
}
