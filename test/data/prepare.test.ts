import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it, expect, onTestFinished, vi } from 'vitest';
import type { DataConfig } from '../../src/data/config.js';
import type { Manifest } from '../../src/data/manifest.js';
import * as documents from '../../src/data/documents.js';
import { openPrepared, prepareData } from '../../src/data/prepare.js';
import * as shards from '../../src/data/shards.js';
import { placeOf } from '../../src/data/split.js';
import { openTokenizer } from '../../src/data/tokenizers/open-tokenizer.js';
import type { Tokens } from '../../src/data/tokens.js';
import { failureOf, folderWith, useDatasetsRoot } from './helpers.js';

/** A corpus of ten documents, and an empty place for datasets. */
function workplace(overrides: Partial<DataConfig> = {}) {
  const texts = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`corpus/${i}.txt`, `document number ${i}`]));
  const folder = folderWith(texts);
  const root = join(folder, 'datasets');
  useDatasetsRoot(root);
  const config: DataConfig = {
    corpus: join(folder, 'corpus'),
    tokenizer: 'byte',
    vocab_size: undefined,
    val_fraction: 0.3,
    shuffle: true,
    ...overrides,
  };
  return { folder, root, config };
}

/** Everything in the datasets folder except caches, which only appear some time after the text was written. */
function datasetsIn(root: string): string[] {
  return readdirSync(root).filter((name) => !['.known-texts', '.checked-shards'].includes(name));
}

describe('prepareData', () => {
  it('writes both sides, the end of text after every document, in the corpus’s order', async () => {
    const { root, config } = workplace();
    const { train, val, vocabSize, manifest, folder } = await prepareData(config);
    const tokenizer = await openTokenizer('byte', undefined);
    const documentsOf = (tokens: Tokens) => tokenizer.decode(tokens.subarray(0, tokens.length)).split('<|endoftext|>');
    const trainDocuments = documentsOf(train);
    const valDocuments = documentsOf(val);
    expect(trainDocuments.pop()).toBe('');
    expect(valDocuments.pop()).toBe('');
    expect(trainDocuments).toEqual([...trainDocuments].sort());
    expect([...trainDocuments, ...valDocuments].sort()).toEqual(
      Array.from({ length: 10 }, (_, i) => `document number ${i}`),
    );
    expect(vocabSize).toBe(257);
    expect(folder).toMatch(/datasets\/corpus-byte-257-[0-9a-f]{8}$/);
    expect(datasetsIn(root)).toHaveLength(1);
    expect(readdirSync(folder).sort()).toEqual(['manifest.json', 'train_000001.bin', 'val_000000.bin']);
    expect(manifest).toMatchObject({
      format_version: 2,
      corpus: 'corpus',
      source: config.corpus,
      tokenizer: 'byte',
      vocab_size: 257,
      end_of_text: 256,
      val_fraction: 0.3,
      train: {
        documents: trainDocuments.length,
        tokens: train.length,
        text_bytes: train.length - trainDocuments.length,
      },
      val: { documents: valDocuments.length, tokens: val.length, text_bytes: val.length - valDocuments.length },
    });
    expect(manifest.created_by).toMatch(/^soap-bench \d/);
  });

  it('prepares a built-in corpus with a small GPT-2 vocabulary', async () => {
    const { config } = workplace({ corpus: 'moby-dick', tokenizer: 'gpt2', vocab_size: 512, val_fraction: 0.05 });
    const { train, val, vocabSize, manifest } = await prepareData(config);
    expect(vocabSize).toBe(512);
    expect(manifest.license).toContain('CC0');
    expect(train.length + val.length).toBe(590073 + 138);
    const tokens = train.subarray(0, train.length);
    expect(tokens.every((token) => token < 512)).toBe(true);
    expect(tokens.filter((token) => token === 511)).toHaveLength(manifest.train.documents);
  });

  it('encodes once, and again when forced', async () => {
    const { config } = workplace();
    let calls = 0;
    const prepare = (force: boolean) => prepareData(config, { force, onProgress: () => calls++ });
    const first = await prepare(false);
    expect(calls).toBe(10);
    const second = await prepare(false);
    expect(calls).toBe(10);
    expect(second).toEqual(first);
    expect(await prepare(true)).toEqual(first);
    expect(calls).toBe(20);
  });

  it('reports progress up to the whole text', async () => {
    const { config } = workplace();
    const seen: number[] = [];
    await prepareData(config, { onProgress: (done, total) => seen.push(done / total) });
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(1);
  });

  it('gives the same files for the same text, wherever it lies', async () => {
    const first = await prepareData(workplace().config);
    const second = await prepareData(workplace().config);
    expect(second.folder.split('/').at(-1)).toBe(first.folder.split('/').at(-1));
    expect(second.manifest.train).toEqual(first.manifest.train);
  });

  it.each<[string, (folder: string, config: DataConfig) => DataConfig | undefined]>([
    [
      'a changed text',
      (folder) => {
        writeFileSync(join(folder, 'corpus/3.txt'), 'document number x');
        return undefined;
      },
    ],
    [
      'a renamed document',
      (folder) => {
        // The last one stays the last, so that the texts and their order are the same.
        renameSync(join(folder, 'corpus/9.txt'), join(folder, 'corpus/a.txt'));
        return undefined;
      },
    ],
    [
      'another document',
      (folder) => {
        writeFileSync(join(folder, 'corpus/new.txt'), 'new');
        return undefined;
      },
    ],
    ['another split', (_, config) => ({ ...config, val_fraction: 0.5 })],
    ['another tokenizer', (_, config) => ({ ...config, tokenizer: 'gpt2', vocab_size: 257 })],
  ])('uses another folder for %s', async (_, change) => {
    const { folder, root, config } = workplace();
    await prepareData(config);
    await prepareData(change(folder, config) ?? config);
    expect(datasetsIn(root)).toHaveLength(2);
  });

  it('ignores what does not change the tokens', async () => {
    const { root, config } = workplace();
    await prepareData(config);
    await prepareData({ ...config, shuffle: false });
    expect(datasetsIn(root)).toHaveLength(1);
  });

  it.each([false, true])('lets several prepare the same at once (force: %s)', async (force) => {
    const { root, config } = workplace({ tokenizer: 'gpt2', vocab_size: 300 });
    const all = await Promise.all(Array.from({ length: 8 }, () => prepareData(config, { force })));
    for (const prepared of all) expect(prepared).toEqual(all[0]);
    expect(await prepareData(config)).toEqual(all[0]);
    expect(datasetsIn(root)).toHaveLength(1);
  });

  it('leaves nothing behind when it is stopped in the middle', async () => {
    const { root, config } = workplace();
    const stop = () => {
      throw new Error('stopped');
    };
    await expect(prepareData(config, { onProgress: stop })).rejects.toThrow('stopped');
    expect(readdirSync(root)).toEqual([]);
    await prepareData(config);
  });

  it('keeps the old dataset when a forced preparation fails', async () => {
    const { config } = workplace();
    const before = await prepareData(config);
    const stop = () => {
      throw new Error('stopped');
    };
    await expect(prepareData(config, { force: true, onProgress: stop })).rejects.toThrow('stopped');
    expect(await openPrepared(before.folder)).toEqual(before);
  });

  it('removes staging folders of killed processes only when they are old', async () => {
    const { root, config } = workplace();
    for (const name of ['.staging-old', '.staging-new']) mkdirSync(join(root, name), { recursive: true });
    const longAgo = Date.now() / 1000 - 3 * 24 * 3600;
    utimesSync(join(root, '.staging-old'), longAgo, longAgo);
    await prepareData(config);
    expect(existsSync(join(root, '.staging-old'))).toBe(false);
    expect(existsSync(join(root, '.staging-new'))).toBe(true);
  });

  it('explains a place where it cannot write', async () => {
    const { folder, config } = workplace();
    writeFileSync(join(folder, 'file'), '');
    useDatasetsRoot(join(folder, 'file', 'datasets'));
    const error = await failureOf(() => prepareData(config));
    expect(error).toMatchObject({ code: 'datasets_not_writable', exitCode: 6 });
    expect(error.hint).toContain('SOAP_BENCH_DATASETS');
  });

  it('refuses an impossible vocabulary before it reads anything', async () => {
    const { root, config } = workplace({ vocab_size: 512 });
    expect((await failureOf(() => prepareData(config))).code).toBe('vocab_size_invalid');
    expect(existsSync(root)).toBe(false);
  });
});

describe('text that was read before', () => {
  /** Gives all files the same time, long ago. */
  function settle(folder: string): void {
    const then = 1_700_000_000;
    for (const file of readdirSync(folder)) utimesSync(join(folder, file), then, then);
  }

  async function waitUntilSettled(): Promise<void> {
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 10_000);
    onTestFinished(() => {
      vi.restoreAllMocks();
    });
    return Promise.resolve();
  }

  it('is not read again while its files stay as they are', async () => {
    const { config } = workplace();
    await waitUntilSettled();
    const first = await prepareData(config);
    const read = vi.spyOn(documents, 'readParts');
    expect(await prepareData(config)).toEqual(first);
    expect(read).not.toHaveBeenCalled();
  });

  it('is read again when a file has other text of the same length and times', async () => {
    const { config } = workplace();
    settle(config.corpus);
    await waitUntilSettled();
    const first = await prepareData(config);
    writeFileSync(join(config.corpus, '3.txt'), 'document number x');
    settle(config.corpus);
    expect((await prepareData(config)).folder).not.toBe(first.folder);
  });

  it('is read again when its files have only just been written', async () => {
    const { config, root } = workplace();
    const clock = vi.spyOn(Date, 'now').mockReturnValue(Date.now());
    await prepareData(config);
    clock.mockRestore();
    expect(existsSync(join(root, '.known-texts'))).toBe(false);
  });

  it('says what lies beside it now', async () => {
    const { config } = workplace();
    await waitUntilSettled();
    expect((await prepareData(config)).manifest.reading!.skipped.hidden.count).toBe(0);
    writeFileSync(join(config.corpus, '.hidden.txt'), 'x');
    expect((await prepareData(config)).manifest.reading!.skipped.hidden.examples).toEqual(['.hidden.txt']);
  });

  it('is opened as version 1 wrote it', async () => {
    const { config } = workplace();
    const { folder, manifest } = await prepareData(config);
    const path = join(folder, 'manifest.json');
    writeFileSync(path, JSON.stringify({ ...manifest, format_version: 1, reading: undefined, split: undefined }));
    expect((await prepareData(config)).folder).toBe(folder);
    expect((await openPrepared(folder, config)).manifest.reading).toBeUndefined();
  });

  it('is refused when it changes while it is read', async () => {
    const { config } = workplace();
    const change = () => {
      writeFileSync(join(config.corpus, '0.txt'), 'something else');
    };
    const error = await failureOf(() => prepareData(config, { onProgress: change }));
    expect(error).toMatchObject({ code: 'corpus_changed', exitCode: 2 });
    expect(error.message).toContain('0.txt');
  });
});

describe('shards that were found whole', () => {
  /** Prepares, and opens once when the files have been there for a while. */
  async function known() {
    const { root, config } = workplace();
    const now = Date.now();
    const clock = vi.spyOn(Date, 'now').mockReturnValue(now);
    const { folder } = await prepareData(config);
    expect(existsSync(join(root, '.checked-shards'))).toBe(false);
    clock.mockReturnValue(now + 1e6);
    onTestFinished(() => {
      vi.restoreAllMocks();
    });
    await openPrepared(folder);
    return { folder, config, shard: join(folder, 'train_000001.bin'), read: vi.spyOn(shards, 'checkShards') };
  }

  it('are not read again, unless that is asked for', async () => {
    const { folder, config, read } = await known();
    const first = await openPrepared(folder, config);
    expect((await prepareData(config)).folder).toBe(folder);
    expect(read).not.toHaveBeenCalled();
    expect(await openPrepared(folder, config, { anew: true })).toEqual(first);
    expect(read).toHaveBeenCalledTimes(2);
  });

  it('are found damaged by a byte that changes, also when size and time are set back', async () => {
    const { folder, config, shard } = await known();
    const { atime, mtime } = statSync(shard);
    const bytes = readFileSync(shard);
    bytes[1100]! ^= 1;
    writeFileSync(shard, bytes);
    utimesSync(shard, atime, mtime);
    for (const open of [() => openPrepared(folder), () => prepareData(config)]) {
      const error = await failureOf(open);
      expect(error).toMatchObject({ code: 'dataset_damaged', exitCode: 6 });
      expect(error.message).toContain('train_000001.bin has sha256');
    }
  });

  it('are read again when another file is in their place, or the manifest says something else', async () => {
    const { folder, shard } = await known();
    const bytes = readFileSync(shard);
    renameSync(shard, `${shard}.before`);
    bytes[1100]! ^= 1;
    writeFileSync(shard, bytes);
    expect((await failureOf(() => openPrepared(folder))).message).toContain('train_000001.bin has sha256');
    renameSync(`${shard}.before`, shard);
    const file = join(folder, 'manifest.json');
    const manifest = readFileSync(file, 'utf8');
    const [sum] = /(?<="sha256": ")[0-9a-f]{64}/.exec(manifest)!;
    writeFileSync(file, manifest.replace(sum, 'f'.repeat(64)));
    expect((await failureOf(() => openPrepared(folder))).message).toContain(`says ${'f'.repeat(64)}`);
    writeFileSync(file, manifest);
    rmSync(shard);
    expect((await failureOf(() => openPrepared(folder))).message).toContain('train_000001.bin cannot be read');
  });
});

describe('documents with the same text', () => {
  /** Of the ten documents those at 0.3 for validation are found by preparing. */
  async function sides() {
    const { config } = workplace();
    const { train, val } = await prepareData(config);
    const tokenizer = await openTokenizer('byte', undefined);
    const firstOf = (tokens: Tokens) =>
      Number(/number (\d)/.exec(tokenizer.decode(tokens.subarray(0, tokens.length)))![1]);
    return { config, inTrain: `${firstOf(train)}.txt`, inVal: `${firstOf(val)}.txt` };
  }

  it('on both sides are refused by name, unless they are asked for', async () => {
    const { config, inTrain, inVal } = await sides();
    writeFileSync(join(config.corpus, inTrain), '\uFEFF same\r\ntext \n');
    writeFileSync(join(config.corpus, inVal), 'same\ntext');
    const error = await failureOf(() => prepareData(config));
    expect(error).toMatchObject({ code: 'split_not_disjoint', exitCode: 2 });
    expect(error.message).toContain(`${inVal} = ${inTrain}`);
    expect(error.hint).toContain('data.allow_duplicates=true');
    const { manifest } = await prepareData({ ...config, allow_duplicates: true });
    expect(manifest.reading!.duplicates.both).toEqual({ count: 1, examples: [`${inVal} = ${inTrain}`] });
    // Also when all is prepared already.
    expect((await failureOf(() => prepareData(config))).code).toBe('split_not_disjoint');
  });

  it('on one side are counted', async () => {
    const { config } = workplace();
    const names = Array.from({ length: 40 }, (_, i) => `copy ${i}.txt`);
    const training = names.filter((name) => placeOf(name) >= config.val_fraction).slice(0, 7);
    for (const name of training) writeFileSync(join(config.corpus, name), 'same');
    const { train, val, both } = (await prepareData(config)).manifest.reading!.duplicates;
    expect([train.count, val.count, both.count]).toEqual([6, 0, 0]);
    expect(train.examples[0]).toBe(`${training.toSorted()[1]!} = ${training.toSorted()[0]!}`);
  });
});

describe('a damaged dataset', () => {
  async function preparedThenDamaged(damage: (folder: string) => void) {
    const { config } = workplace();
    const { folder } = await prepareData(config);
    damage(folder);
    return { folder, config };
  }

  function editManifest(folder: string, edit: (manifest: Manifest) => unknown): void {
    const path = join(folder, 'manifest.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest;
    edit(manifest);
    writeFileSync(path, JSON.stringify(manifest));
  }

  const faults: [string, (folder: string) => void, string][] = [
    [
      'a shard that lost its end',
      (folder) => {
        writeFileSync(join(folder, 'val_000000.bin'), 'x');
      },
      'val_000000.bin has 1 byte,',
    ],
    [
      'a missing manifest',
      (folder) => {
        rmSync(join(folder, 'manifest.json'));
      },
      'manifest.json cannot be read',
    ],
    [
      'a half-written manifest',
      (folder) => {
        writeFileSync(join(folder, 'manifest.json'), '{"format_ver');
      },
      'manifest.json is not JSON',
    ],
    [
      'another format',
      (folder) => {
        editManifest(folder, (m) => Object.assign(m, { format_version: 3 }));
      },
      'format_version',
    ],
    [
      'a missing count',
      (folder) => {
        editManifest(folder, (m) => Object.assign(m.train, { tokens: undefined }));
      },
      'train.tokens',
    ],
    [
      'a path that leads elsewhere',
      (folder) => {
        editManifest(folder, (m) => {
          m.val.files[0]!.file = '../val_000000.bin';
        });
      },
      'val.files.0.file',
    ],
    [
      'the manifest of other text',
      (folder) => {
        editManifest(folder, (m) => {
          m.fingerprint = 'f'.repeat(64);
        });
      },
      'belongs to other text (fingerprint ffffffff)',
    ],
    ...(
      [
        [(m) => (m.vocab_size = 512), 'vocab_size 512, and 257 was asked for'],
        [(m) => (m.tokenizer = 'gpt2'), 'tokenizer gpt2, and byte was asked for'],
        [(m) => (m.val_fraction = 0.2), 'val_fraction 0.2, and 0.3 was asked for'],
        [(m) => (m.end_of_text = 255), 'end_of_text 255, but it is 256'],
        [(m) => (m.train.documents += 1), 'train.documents'],
        [(m) => (m.val.documents -= 1), 'val.documents'],
        [(m) => (m.train.tokens += 1), 'train.tokens'],
        [(m) => (m.val.text_bytes += 1), 'val.text_bytes'],
        [(m) => (m.train.files[0]!.tokens += 1), 'train.tokens'],
        [(m) => (m.train.files[0]!.bytes += 2), 'train_000001.bin has'],
        [(m) => (m.val.files[0]!.sha256 = '0'.repeat(64)), 'val_000000.bin has sha256'],
        [(m) => (m.val.files[0]!.file = 'val_000001.bin'), 'val_000001.bin cannot be read'],
      ] as [(manifest: Manifest) => unknown, string][]
    ).map(([edit, message]): (typeof faults)[number] => [
      `another fact, ${message}`,
      (folder) => {
        editManifest(folder, edit);
      },
      message,
    ]),
  ];

  it.each(faults)('is reported and not repaired silently: %s', async (_, damage, message) => {
    const { folder, config } = await preparedThenDamaged(damage);
    const error = await failureOf(() => prepareData(config));
    expect(error).toMatchObject({ code: 'dataset_damaged', exitCode: 6 });
    expect(error.message).toContain(folder);
    expect(error.message).toContain(message);
    expect(error.hint).toContain('soap-bench data prepare <corpus> --force');
    expect((await prepareData(config, { force: true })).folder).toBe(folder);
    await prepareData(config);
  });

  it('may be a file in the folder’s place, which force replaces', async () => {
    const { folder, config } = await preparedThenDamaged((path) => {
      rmSync(path, { recursive: true });
      writeFileSync(path, '');
    });
    expect((await failureOf(() => prepareData(config))).code).toBe('dataset_damaged');
    await prepareData(config, { force: true });
    expect(statSync(folder).isDirectory()).toBe(true);
  });
});
