import fc from 'fast-check';
import { describe, it, expect } from 'vitest';
import { openCorpus } from '../../src/data/corpora.js';
import { placeOf, splitDocuments } from '../../src/data/split.js';
import { failureOf } from './helpers.js';

const documents = (names: string[]) => names.map((name) => ({ name, text: `text of ${name}` }));

describe('placeOf', () => {
  it('is the beginning of the SHA-256 as a fraction', () => {
    // sha256('abc') begins with ba7816bf8f01.
    expect(placeOf('abc')).toBe(0xba7816bf8f01 / 2 ** 48);
  });
});

describe('splitDocuments', () => {
  it('keeps every document on its side when others come and go', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { minLength: 30, maxLength: 60 }), fc.string(), (names, added) => {
        fc.pre(!names.includes(added));
        const before = splitDocuments(documents(names), 0.5);
        const after = splitDocuments(documents([added, ...names].reverse()), 0.5);
        const without = (side: { name: string }[]) => new Set(side.map(({ name }) => name).filter((n) => n !== added));
        expect(without(after.val)).toEqual(without(before.val));
        expect(without(after.train)).toEqual(without(before.train));
      }),
    );
  });

  it('puts about val_fraction of many documents into validation, and more of them with a larger fraction', () => {
    const many = documents(Array.from({ length: 4000 }, (_, i) => `document ${i}`));
    const small = splitDocuments(many, 0.05);
    expect(small.val.length / 4000).toBeCloseTo(0.05, 1);
    expect(small.val.length + small.train.length).toBe(4000);
    const large = new Set(splitDocuments(many, 0.2).val);
    expect(small.val.every((document) => large.has(document))).toBe(true);
  });

  it('splits the addresses as it always did', async () => {
    const { train, val } = splitDocuments(await (await openCorpus('sotu')).documents(), 0.05);
    expect([train.length, val.length]).toEqual([217, 16]);
    expect(val.map(({ name }) => name)).toContain('1863_abraham_lincoln_r');
  });

  it('cuts the end off a single document, between words', () => {
    const text = 'one two three four five six seven eight nine ten';
    const { train, val } = splitDocuments([{ name: 'a', text }], 0.25);
    expect(val).toEqual([{ name: 'a (tail)', text: 'nine ten' }]);
    expect(`${train[0]!.text} ${val[0]!.text}`).toBe(text);
  });

  it.each([0, 1, -0.1, 1.5, NaN])('refuses the fraction %d', async (fraction) => {
    const error = await failureOf(() => splitDocuments(documents(['a', 'b']), fraction));
    expect(error).toMatchObject({ code: 'val_fraction_invalid', exitCode: 2 });
    expect(error.message).toContain(String(fraction));
  });

  it.each([
    ['validation', 0.0001],
    ['training', 0.9999],
  ])('says which fraction would leave something for %s', async (side, fraction) => {
    const some = documents(['a', 'b', 'c']);
    const error = await failureOf(() => splitDocuments(some, fraction));
    expect(error).toMatchObject({ code: 'split_empty', exitCode: 2 });
    expect(error.message).toContain(`none of the 3 documents is left for ${side}`);
    const proposed = Number(/val_fraction ([\d.]+),/.exec(error.hint ?? '')?.[1]);
    const split = splitDocuments(some, proposed);
    expect(side === 'training' ? split.train : split.val).toHaveLength(1);
  });

  it('refuses a single document that cannot be cut', async () => {
    const error = await failureOf(() => splitDocuments([{ name: 'a', text: 'word' }], 0.5));
    expect(error.code).toBe('split_empty');
    expect(error.hint).toContain('too short');
  });
});
