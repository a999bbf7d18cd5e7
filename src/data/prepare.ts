import { join, resolve } from 'node:path';
import type { DataConfig } from './config.js';
import { openCorpus, type Corpus } from './corpora.js';
import { damaged } from './damaged.js';
import { fingerprint } from './fingerprint.js';
import { readManifest, writeManifest, type Manifest, type ManifestSide } from './manifest.js';
import { readShards, ShardWriter } from './shards.js';
import { splitDocuments, type Split } from './split.js';
import { datasetsRoot, exists, publishFolder } from './staging.js';
import type { Document } from './text.js';
import { openTokenizer, vocabSizeOf, type Tokenizer } from './tokenizer.js';

/** Tokens ready for training. */
export interface PreparedData {
  folder: string;
  train: Uint16Array;
  val: Uint16Array;
  vocabSize: number;
  manifest: Manifest;
}

/** Characters encoded so far and in all; called after every document. */
export type PrepareProgress = (done: number, total: number) => void;

export interface PrepareOptions {
  onProgress?: PrepareProgress;
  /** Encode again and replace what was prepared before. */
  force?: boolean;
}

/**
 * The tokens that a configuration asks for, prepared now or taken from an earlier preparation of the same text.
 * Safe to call from several processes at once.
 * @throws {SoapBenchError} when the corpus cannot be read or split, or the earlier preparation is damaged.
 */
export async function prepareData(config: DataConfig, options: PrepareOptions = {}): Promise<PreparedData> {
  const vocabSize = vocabSizeOf(config.tokenizer, config.vocab_size);
  const corpus = await openCorpus(config.corpus);
  const documents = await corpus.documents();
  const key = fingerprint({ documents, tokenizer: config.tokenizer, vocabSize, valFraction: config.val_fraction });
  const name = `${corpus.name}-${config.tokenizer}-${vocabSize}-${key.slice(0, 8)}`;
  const root = resolve(datasetsRoot());
  const folder = join(root, name);
  if (options.force !== true && (await exists(folder))) return openExpected(folder, key);
  const split = splitDocuments(documents, config.val_fraction);
  const tokenizer = await openTokenizer(config.tokenizer, config.vocab_size);
  const prepared = await publishFolder(root, name, options.force === true, async (staging) => {
    const sides = await encode(split, tokenizer, staging, options.onProgress);
    const decisions = { val_fraction: config.val_fraction, fingerprint: key };
    await writeManifest(staging, { ...facts(corpus, tokenizer), ...decisions, ...sides });
    // Read back before anybody else can see it: what is published has been checked.
    return openPrepared(staging);
  });
  return { ...prepared, folder };
}

async function openExpected(folder: string, key: string): Promise<PreparedData> {
  const prepared = await openPrepared(folder);
  const found = prepared.manifest.fingerprint;
  if (found !== key) throw damaged(folder, `its manifest belongs to other text (fingerprint ${found.slice(0, 8)})`);
  return prepared;
}

/**
 * Opens a folder that was prepared before, after checking every file against the manifest.
 * @throws {SoapBenchError} `dataset_damaged` when anything is missing or differs.
 */
export async function openPrepared(folder: string): Promise<PreparedData> {
  const manifest = await readManifest(folder);
  const [train, val] = await Promise.all([
    readShards(folder, manifest.train.files),
    readShards(folder, manifest.val.files),
  ]);
  return { folder, train, val, vocabSize: manifest.vocab_size, manifest };
}

function facts(corpus: Corpus, tokenizer: Tokenizer) {
  return {
    corpus: corpus.name,
    description: corpus.description,
    source: corpus.source,
    license: corpus.license,
    tokenizer: tokenizer.name,
    vocab_size: tokenizer.vocabSize,
    end_of_text: tokenizer.endOfText,
  };
}

async function encode(split: Split, tokenizer: Tokenizer, folder: string, onProgress?: PrepareProgress) {
  const total = [...split.train, ...split.val].reduce((sum, document) => sum + document.text.length, 0);
  let done = 0;
  const encodeSide = async (side: keyof Split, documents: Document[]): Promise<ManifestSide> => {
    const writer = new ShardWriter(folder, side);
    let tokens = 0;
    let textBytes = 0;
    for (const { text } of documents) {
      const encoded = tokenizer.encode(text);
      encoded.push(tokenizer.endOfText);
      await writer.append(encoded);
      tokens += encoded.length;
      textBytes += Buffer.byteLength(text);
      done += text.length;
      onProgress?.(done, total);
    }
    return { documents: documents.length, tokens, text_bytes: textBytes, files: await writer.finish() };
  };
  return { train: await encodeSide('train', split.train), val: await encodeSide('val', split.val) };
}
