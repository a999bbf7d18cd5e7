import { join, resolve } from 'node:path';
import { SoapBenchError, exitCodes } from '../errors.js';
import type { DataConfig } from './config.js';
import { openCorpus, type Corpus } from './corpora.js';
import { checkShardsOnce } from './checked-shards.js';
import { damaged } from './damaged.js';
import { assertDisjoint, findDuplicates } from './duplicates.js';
import { encodeSides, type PrepareProgress } from './encode.js';
import { fingerprint } from './fingerprint.js';
import { recall, remember, type KnownText, type Preparation } from './known-texts.js';
import { readManifest, writeManifest, type Manifest, type ManifestSplit, type Reading } from './manifest.js';
import { splitDocuments, type Split } from './split.js';
import { datasetsRoot, exists, publishFolder } from './staging.js';
import { documentName, survey, type Survey } from './survey.js';
import type { CorpusFiles } from './text-files.js';
import { vocabSizeOf } from './tokenizers/tokenizer.js';
import { openTokenizer } from './tokenizers/open-tokenizer.js';
import { ShardTokens, type Tokens } from './tokens.js';

export type { PrepareProgress } from './encode.js';

/** Tokens ready for training. */
export interface PreparedData {
  folder: string;
  train: Tokens;
  val: Tokens;
  vocabSize: number;
  manifest: Manifest;
}

export interface PrepareOptions {
  onProgress?: PrepareProgress;
  /** Encodes again and replaces the earlier dataset. */
  force?: boolean;
}

/**
 * Returns the tokens of a configuration, from an earlier preparation of the same text or prepared now. Text is only read
 * again if its files have changed. Several processes may call it at once.
 * @throws {SoapBenchError} if the corpus cannot be read or split, has the same documents on both sides, or the earlier dataset
 * is damaged.
 */
export async function prepareData(config: DataConfig, options: PrepareOptions = {}): Promise<PreparedData> {
  const vocabSize = vocabSizeOf(config.tokenizer, config.vocab_size);
  const preparation = { tokenizer: config.tokenizer, vocabSize, valFraction: config.val_fraction };
  const corpus = await openCorpus(config.corpus);
  const root = resolve(datasetsRoot());
  const found = await corpus.files();
  const folderFor = (key: string) => join(root, `${corpus.name}-${config.tokenizer}-${vocabSize}-${key.slice(0, 8)}`);
  const checked = (known: KnownText) => {
    assertDisjoint(known.duplicates, corpus.source, config.allow_duplicates === true);
    return known;
  };
  const openKnown = async (known: KnownText): Promise<PreparedData> => {
    const prepared = await openPrepared(folderFor(known.fingerprint), { ...config, fingerprint: known.fingerprint });
    // The same text may have moved, or there may be other files beside it.
    const manifest = { ...prepared.manifest, ...origin(corpus), reading: readingOf(found, known) };
    return { ...prepared, manifest };
  };

  if (options.force !== true) {
    const known = await recall(root, found.files, preparation);
    if (known !== undefined && (await exists(folderFor(known.fingerprint)))) return openKnown(checked(known));
  }
  const text = await readText(corpus, found, preparation);
  const known = checked(text.known);
  const folder = folderFor(known.fingerprint);
  if (options.force !== true && (await exists(folder))) {
    const prepared = await openKnown(known);
    await remember(root, found.files, preparation, known);
    return prepared;
  }
  const tokenizer = await openTokenizer(config.tokenizer, config.vocab_size);
  const expected = { ...config, fingerprint: known.fingerprint };
  const prepared = await publishFolder(root, folder.slice(root.length + 1), options.force === true, async (staging) => {
    const sides = await encodeSides(text.survey, text.split, tokenizer, staging, options.onProgress);
    await assertUnchanged(corpus, found);
    await writeManifest(staging, {
      ...origin(corpus),
      tokenizer: tokenizer.name,
      vocab_size: tokenizer.vocabSize,
      end_of_text: tokenizer.endOfText,
      val_fraction: config.val_fraction,
      fingerprint: known.fingerprint,
      reading: readingOf(found, known),
      split: splitFacts(text.survey, text.split),
      ...sides,
    });
    // Checked before it is published.
    return openPrepared(staging, expected);
  });
  await remember(root, found.files, preparation, known);
  return { ...prepared, folder, ...tokensIn(folder, prepared.manifest) };
}

function origin({ name, description, source, license }: Corpus) {
  return { corpus: name, description, source, license };
}

interface ReadText {
  readonly survey: Survey;
  readonly split: Split;
  readonly known: KnownText;
}

async function readText(corpus: Corpus, found: CorpusFiles, preparation: Preparation): Promise<ReadText> {
  const surveyed = await survey(found.files);
  if (surveyed.files.length === 0) throw withoutText(corpus.source);
  const split = await splitDocuments(surveyed, preparation.valFraction);
  const duplicates = findDuplicates(surveyed, split);
  const key = await fingerprint({ ...preparation, survey: surveyed, cut: split.cut });
  await assertUnchanged(corpus, found);
  return { survey: surveyed, split, known: { fingerprint: key, empty: surveyed.empty, duplicates } };
}

/** Ensures that the text has not changed, because it is read several times. */
async function assertUnchanged(corpus: Corpus, before: CorpusFiles): Promise<void> {
  const now = new Map((await corpus.files()).files.map(({ path, state }) => [path, state]));
  const changed = before.files.find(({ path, state }) => now.get(path) !== state);
  if (changed === undefined && now.size === before.files.length) return;
  const what = changed === undefined ? `the files in ${corpus.source}` : changed.path;
  throw new SoapBenchError('corpus_changed', `The text changed while it was being read: ${what}.`, {
    exitCode: exitCodes.usage,
    hint: 'Do it again when nothing writes there any more.',
  });
}

function readingOf({ files, skipped }: CorpusFiles, { empty, duplicates }: KnownText): Reading {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return { files: files.length, bytes, skipped, empty_documents: empty, duplicates };
}

function splitFacts({ files }: Survey, { cut, moved }: Split): ManifestSplit {
  const place = cut ?? moved;
  if (place === undefined) return { method: 'names' };
  const document = documentName(files[place.file]!, place.document);
  return { method: cut === undefined ? 'moved' : 'cut', document };
}

/** The options of a configuration that can be compared with a manifest. */
export type Expected = Pick<DataConfig, 'tokenizer' | 'vocab_size' | 'val_fraction'> & {
  readonly fingerprint?: string;
};

/**
 * Opens a prepared dataset after comparing its manifest with its files.
 * @param expected Options that the manifest must match.
 * @param options.anew Reads all files again, even those that matched before and have not changed.
 * @throws {SoapBenchError} `dataset_damaged` if anything is missing or differs.
 */
export async function openPrepared(
  folder: string,
  expected?: Expected,
  { anew = false }: { anew?: boolean } = {},
): Promise<PreparedData> {
  const manifest = await readManifest(folder);
  if (expected !== undefined) assertExpected(folder, manifest, expected);
  await assertHasItsTokens(folder, manifest, anew);
  return { folder, ...tokensIn(folder, manifest), vocabSize: manifest.vocab_size, manifest };
}

function tokensIn(folder: string, { train, val }: Manifest): { train: Tokens; val: Tokens } {
  return { train: new ShardTokens(folder, train.files), val: new ShardTokens(folder, val.files) };
}

function assertExpected(folder: string, manifest: Manifest, expected: Expected): void {
  const { tokenizer, vocab_size, val_fraction, fingerprint: key } = expected;
  if (key !== undefined && manifest.fingerprint !== key) {
    throw damaged(folder, `its manifest belongs to other text (fingerprint ${manifest.fingerprint.slice(0, 8)})`);
  }
  const facts = { tokenizer, vocab_size: vocabSizeOf(tokenizer, vocab_size), val_fraction };
  for (const [fact, value] of Object.entries(facts)) {
    const found = manifest[fact as keyof typeof facts];
    if (found !== value) throw damaged(folder, `its manifest says ${fact} ${found}, and ${value} was asked for`);
  }
}

async function assertHasItsTokens(folder: string, manifest: Manifest, anew: boolean): Promise<void> {
  const { end_of_text, vocab_size } = manifest;
  const compare = (fact: string, said: number, found: number) => {
    if (said !== found) throw damaged(folder, `its manifest says ${fact} ${said}, but it is ${found}`);
  };
  compare('end_of_text', end_of_text, vocab_size - 1);
  for (const side of ['train', 'val'] as const) {
    const { documents, tokens, text_bytes, files } = manifest[side];
    compare(
      `${side}.tokens`,
      tokens,
      files.reduce((sum, file) => sum + file.tokens, 0),
    );
    const counts = await checkShardsOnce(folder, files, end_of_text, anew);
    compare(`${side}.documents`, documents, counts.documents);
    if (manifest.tokenizer === 'byte') compare(`${side}.text_bytes`, text_bytes, tokens - documents);
    if (counts.largest >= vocab_size) {
      throw damaged(folder, `it has a token ${counts.largest}, and its manifest says vocab_size ${vocab_size}`);
    }
  }
}

function withoutText(source: string): SoapBenchError {
  return new SoapBenchError('corpus_empty', `The corpus ${source} holds no text.`, {
    exitCode: exitCodes.usage,
    hint: 'Put text into it, or name another corpus: `soap-bench data list` shows the built-in ones.',
  });
}
