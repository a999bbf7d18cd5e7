import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { packageVersion } from '../own-package.js';
import { damaged } from './damaged.js';
import { tokenizerNames } from './tokenizers/tokenizer.js';

export const manifestFile = 'manifest.json';
/** The version of the format. Version 1 did not record how the text was read. */
const formatVersion = 2;

const count = z.number().int().nonnegative();

export const tallySchema = z.strictObject({ count, examples: z.array(z.string()) });
export const duplicatesSchema = z.strictObject({ train: tallySchema, val: tallySchema, both: tallySchema });

const reading = z.strictObject({
  files: count,
  bytes: count,
  /** Files that were not read. */
  skipped: z.strictObject({ hidden: tallySchema, repeated: tallySchema, other: tallySchema }),
  /** Files with empty documents, once per empty document. */
  empty_documents: tallySchema,
  /** Documents with equal text, on one side or on both. */
  duplicates: duplicatesSchema,
});

const split = z.strictObject({
  /** Split by the names of documents; one is cut or moved if names would leave a side empty. */
  method: z.enum(['names', 'cut', 'moved']),
  document: z.string().optional(),
});

const side = z.strictObject({
  documents: count,
  /** Number of tokens, with one end-of-text token per document. */
  tokens: count,
  /** UTF-8 bytes of the text itself. */
  text_bytes: count,
  files: z
    .array(
      z.strictObject({
        // A plain name, so that a manifest cannot point outside of its folder.
        file: z.string().regex(/^(train|val)_\d{6}\.bin$/),
        tokens: count,
        bytes: count,
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
      }),
    )
    .min(1),
});

const manifest = z.strictObject({
  format_version: z.union([z.literal(1), z.literal(formatVersion)]),
  created_by: z.string(),
  corpus: z.string(),
  description: z.string(),
  source: z.string(),
  license: z.string(),
  tokenizer: z.enum(tokenizerNames),
  vocab_size: count,
  end_of_text: count,
  val_fraction: z.number(),
  /** SHA-256 over everything that decides the tokens; see fingerprint.ts. */
  fingerprint: z.string(),
  reading: reading.optional(),
  split: split.optional(),
  train: side,
  val: side,
});

/** The contents of a prepared dataset's manifest.json. */
export type Manifest = z.infer<typeof manifest>;
export type ManifestSide = z.infer<typeof side>;
export type Reading = z.infer<typeof reading>;
export type ManifestSplit = z.infer<typeof split>;

export async function writeManifest(
  folder: string,
  facts: Omit<Manifest, 'format_version' | 'created_by'>,
): Promise<void> {
  const whole: Manifest = { format_version: formatVersion, created_by: `soap-bench ${packageVersion()}`, ...facts };
  await writeFile(join(folder, manifestFile), JSON.stringify(whole, null, 2) + '\n');
}

/** @throws {SoapBenchError} `dataset_damaged` if the manifest is missing or invalid. */
export async function readManifest(folder: string): Promise<Manifest> {
  const text = await readFile(join(folder, manifestFile), 'utf8').catch((error: unknown) => {
    throw damaged(folder, `${manifestFile} cannot be read`, error);
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw damaged(folder, `${manifestFile} is not JSON`, error);
  }
  const parsed = manifest.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw damaged(folder, `${manifestFile}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`);
}
