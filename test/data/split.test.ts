import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, it, expect } from 'vitest';
import { openCorpus } from '../../src/data/corpora.js';
import { prepareData } from '../../src/data/prepare.js';
import { placeOf, splitDocuments } from '../../src/data/split.js';
import { survey, type Survey } from '../../src/data/survey.js';
import { openTokenizer } from '../../src/data/tokenizers/open-tokenizer.js';
import { failureOf, folderWith, useDatasetsRoot } from './helpers.js';

const documents = (names: string[]): Survey => ({
  files: names.map((name) => ({ name, path: '', lengths: [10], digests: [name] })),
  empty: { count: 0, examples: [] },
});

async function namesFor(side: 'train' | 'val', names: string[], fraction: number): Promise<Set<string>> {
  const { isVal } = await splitDocuments(documents(names), fraction);
  return new Set(names.filter((_, i) => isVal[i]![0] === (side === 'val')));
}

/** Both sides of a folder of texts, document by document, and what the manifest says of the split. */
async function prepared(texts: Record<string, string>, val_fraction: number) {
  const folder = folderWith(Object.fromEntries(Object.entries(texts).map(([name, text]) => [`c/${name}`, text])));
  useDatasetsRoot(join(folder, 'datasets'));
  const config = { corpus: join(folder, 'c'), tokenizer: 'byte' as const, val_fraction, shuffle: true };
  const { train, val, manifest } = await prepareData(config);
  const tokenizer = await openTokenizer('byte', undefined);
  const textsOf = (tokens: typeof train) =>
    tokenizer.decode(tokens.subarray(0, tokens.length)).split('<|endoftext|>').slice(0, -1);
  return { train: textsOf(train), val: textsOf(val), manifest };
}

describe('placeOf', () => {
  it('is the beginning of the SHA-256 as a fraction', () => {
    // sha256('abc') begins with ba7816bf8f01.
    expect(placeOf('abc')).toBe(0xba7816bf8f01 / 2 ** 48);
  });
});

describe('splitDocuments', () => {
  it('keeps every document on its side when others come and go', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.string(), { minLength: 30, maxLength: 60 }),
        fc.string(),
        async (names, added) => {
          fc.pre(!names.includes(added));
          const after = await namesFor('val', [added, ...names].reverse(), 0.5);
          after.delete(added);
          expect(after).toEqual(await namesFor('val', names, 0.5));
        },
      ),
    );
  });

  it('puts about val_fraction of many documents into validation, and more of them with a larger fraction', async () => {
    const many = Array.from({ length: 4000 }, (_, i) => `document ${i}`);
    const small = await namesFor('val', many, 0.05);
    expect(small.size / 4000).toBeCloseTo(0.05, 1);
    const large = await namesFor('val', many, 0.2);
    expect([...small].every((name) => large.has(name))).toBe(true);
  });

  it('splits the addresses as it always did', async () => {
    const { files } = await survey((await (await openCorpus('sotu')).files()).files);
    const val = await namesFor(
      'val',
      files.map(({ name }) => name),
      0.05,
    );
    expect([files.length, val.size]).toEqual([233, 16]);
    expect(val).toContain('1863_abraham_lincoln_r');
  });

  it.each([0, 1, -0.1, 1.5, NaN])('refuses the fraction %d', async (fraction) => {
    const error = await failureOf(() => splitDocuments(documents(['a', 'b']), fraction));
    expect(error).toMatchObject({ code: 'val_fraction_invalid', exitCode: 2 });
    expect(error.message).toContain(String(fraction));
  });
});

describe('a side that names leave empty', () => {
  const numbers = 'one two three four five six seven eight nine ten';

  it('gets the end of a single document, between words', async () => {
    const { train, val, manifest } = await prepared({ 'a.txt': numbers }, 0.25);
    expect(train).toEqual(['one two three four five six seven eight']);
    expect(val).toEqual(['nine ten']);
    expect(manifest.split).toEqual({ method: 'cut', document: 'a.txt' });
  });

  it.each([
    ['ASCII', 'ACGTACGTTA'.repeat(20_000)],
    ['Chinese', '道可道，非常道。'.repeat(20_000)],
    ['characters of two units', '𝔸𝔹ℂ𝔻'.repeat(20_000)],
    ['emoji of several code points', '👩‍👩‍👧🏽'.repeat(5000)],
    ['accents that combine', 'e\u0301'.repeat(20_000)],
    ['white space at its very end alone', 'x'.repeat(200_000) + ' y'],
  ])('gets its share of a text without spaces: %s', async (_, text) => {
    const { train, val } = await prepared({ 'dna.txt': text }, 0.05);
    expect(train[0]! + val[0]!).toBe(text);
    expect(val[0]!.length / text.length).toBeCloseTo(0.05, 3);
    // Whole characters on both sides.
    const first = Array.from(new Intl.Segmenter().segment(text.slice(0, 40)))[0]!.segment;
    if (text.startsWith(first.repeat(2))) expect(val[0]!.startsWith(first)).toBe(true);
    expect(val[0]).not.toContain('\uFFFD');
  });

  it.each([
    ['two letters', 'ab', 'a', 'b'],
    ['two words', 'a b', 'a', 'b'],
  ])('gets something of %s', async (_, text, head, tail) => {
    for (const fraction of [0.01, 0.5, 0.99]) {
      const { train, val } = await prepared({ 'a.txt': text }, fraction);
      expect([train, val]).toEqual([[head], [tail]]);
    }
  });

  it.each(['a', '👩‍👩‍👧🏽'])('cannot get anything of %s', async (text) => {
    expect(await failureOf(() => prepared({ 'a.txt': text }, 0.5))).toMatchObject({ code: 'split_empty', exitCode: 2 });
  });

  const eight = Object.fromEntries(
    Array.from({ length: 8 }, (_, i) => [`${i}.txt`, Array.from({ length: 200 }, (__, j) => `word${i}${j}`).join(' ')]),
  );

  it.each([0.0001, 0.01, 0.05, 0.9, 0.95, 0.9999])(
    'gets about its share of eight documents at %d',
    async (fraction) => {
      const { train, val, manifest } = await prepared(eight, fraction);
      expect(train.length).toBeGreaterThan(0);
      expect(val.length).toBeGreaterThan(0);
      const { split, train: trainSide, val: valSide } = manifest;
      expect([trainSide.documents, valSide.documents]).toEqual([train.length, val.length]);
      if (split!.method === 'names') return;
      expect(split!.document).toMatch(/^\d\.txt$/);
      const share = valSide.text_bytes / (valSide.text_bytes + trainSide.text_bytes);
      expect(Math.abs(share - fraction)).toBeLessThan(0.02);
      // Nothing is lost and nothing is twice.
      const words = [...train, ...val].flatMap((text) => text.split(' ')).sort();
      expect(words).toEqual(
        Object.values(eight)
          .flatMap((text) => text.split(' '))
          .sort(),
      );
    },
  );

  it('gets a whole document that is shorter than its share', async () => {
    const long = 'x'.repeat(1000);
    const names = ['p.txt', 'q.txt', 'r.txt', 's.txt'];
    const [nearest] = names.toSorted((a, b) => placeOf(a) - placeOf(b));
    const fraction = placeOf(nearest!) * 0.99;
    const texts = Object.fromEntries(names.map((name, i) => [name, name === nearest ? 'short' : long + String(i)]));
    const { val, manifest } = await prepared(texts, fraction);
    expect(val).toEqual(['short']);
    expect(manifest.split).toEqual({ method: 'moved', document: nearest });
  });

  it('is the same for the same texts, and another folder where the cut is a new one', async () => {
    const folder = folderWith({ 'c.txt': 'abcdefgh' });
    useDatasetsRoot(join(folder, 'datasets'));
    const config = { corpus: join(folder, 'c.txt'), tokenizer: 'byte' as const, val_fraction: 0.5, shuffle: true };
    const first = await prepareData(config);
    expect((await prepareData(config)).folder).toBe(first.folder);
    expect(readdirSync(join(folder, 'datasets')).filter((name) => !name.startsWith('.'))).toHaveLength(1);
  });
});
