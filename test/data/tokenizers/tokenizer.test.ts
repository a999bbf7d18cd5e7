import fc from 'fast-check';
import { Tiktoken } from 'js-tiktoken/lite';
import gpt2 from 'js-tiktoken/ranks/gpt2';
import { describe, it, expect } from 'vitest';
import { vocabSizeOf, type TokenizerName } from '../../../src/data/tokenizers/tokenizer.js';
import { openTokenizer } from '../../../src/data/tokenizers/open-tokenizer.js';
import { failureOf } from '../helpers.js';

/** Words, spaces and symbols in every mixture: the boundaries between pieces matter most. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc
    .array(
      fc.constantFrom(' ', '  ', '\n', '\t', "'s", "'", 'word', ' The', '12', '…', '\uFEFF', '<|endoftext|>', '🙂'),
    )
    .map((parts) => parts.join('')),
);

const tokenizers: [TokenizerName, number | undefined][] = [
  ['byte', undefined],
  ['gpt2', 257],
  ['gpt2', 1000],
  ['gpt2', 50257],
];

describe.each(tokenizers)('%s %s', async (name, vocabSize) => {
  const tokenizer = await openTokenizer(name, vocabSize);

  it('gives every text back', () => {
    fc.assert(
      fc.property(text, (original) => {
        expect(tokenizer.decode(tokenizer.encode(original))).toBe(original);
      }),
      { numRuns: 300 },
    );
  });

  it('uses ordinary ids only, below the end of text, which is the last', () => {
    expect(tokenizer.endOfText).toBe(tokenizer.vocabSize - 1);
    fc.assert(
      fc.property(text, (original) => {
        for (const token of tokenizer.encode(original)) {
          expect(token).toBeGreaterThanOrEqual(0);
          expect(token).toBeLessThan(tokenizer.endOfText);
        }
      }),
    );
  });

  it('shows the end of text, and refuses ids outside the vocabulary', () => {
    const a = tokenizer.encode('a');
    expect(tokenizer.decode([...a, tokenizer.endOfText, ...a])).toBe('a<|endoftext|>a');
    expect(() => tokenizer.decode([tokenizer.vocabSize])).toThrow(RangeError);
  });
});

describe('byte', () => {
  it('writes UTF-8 bytes', async () => {
    expect((await openTokenizer('byte', undefined)).encode('aé\n')).toEqual([97, 0xc3, 0xa9, 10]);
  });
});

describe('gpt2', () => {
  it.each([
    ['Hello, world!', [15496, 11, 995, 0]],
    ['The quick brown fox jumps over the lazy dog', [464, 2068, 7586, 21831, 18045, 625, 262, 16931, 3290]],
    ['Hello world', [15496, 995]],
    ["I'm here\n\nnow", [40, 1101, 994, 198, 198, 2197]],
  ])('knows the published ids of %j', async (sentence, ids) => {
    expect((await openTokenizer('gpt2', undefined)).encode(sentence)).toEqual(ids);
  });

  it('encodes a text as the library does in one go', async () => {
    const library = new Tiktoken(gpt2);
    const tokenizer = await openTokenizer('gpt2', 50257);
    fc.assert(
      fc.property(text, (original) => {
        expect(tokenizer.encode(original)).toEqual(library.encode(original, [], []));
      }),
      { numRuns: 300 },
    );
  });

  it('keeps GPT-2’s first merges when the vocabulary is small', async () => {
    const tokenizer = await openTokenizer('gpt2', 259);
    // The first merges of GPT-2 are «space t» (256), «space a» (257) and «he» (258), which is one too many here.
    expect(tokenizer.encode(' t a')).toEqual([256, 257]);
    expect(tokenizer.encode('he')).toHaveLength(2);
    expect((await openTokenizer('gpt2', 260)).encode('he')).toEqual([258]);
    expect(tokenizer.endOfText).toBe(258);
  });

  it('cuts endless words, so that their time stays linear, without losing a character', async () => {
    const tokenizer = await openTokenizer('gpt2', 1000);
    // All letters, one of them outside the basic plane: a cut at 256 code units would fall inside it somewhere.
    const endless = 'ab𝔸é'.repeat(400);
    expect(tokenizer.decode(tokenizer.encode(endless))).toBe(endless);
    const letters = 'the'.repeat(200);
    const cut = [0, 256, 512].flatMap((from) => tokenizer.encode(letters.slice(from, from + 256)));
    expect(tokenizer.encode(letters)).toEqual(cut);
  });
});

describe('an encoder', () => {
  it.each([
    ['byte', undefined],
    ['gpt2', 1000],
    ['gpt2', undefined],
  ] as const)('gives the ids of the whole text for its pieces: %s %s', async (name, size) => {
    const tokenizer = await openTokenizer(name, size);
    const words = ['the', "they're", "'", "'ll", ' ', '  ', '\n\n', ' \t', '1', '2345', '—!?', '"', '漢字', '𝔸', 'é'];
    const long = ['x'.repeat(20_000), ' '.repeat(17_000), '!'.repeat(17_000) + "'", '𝔸'.repeat(9_000), '7'.repeat(257)];
    const part = fc.oneof({ weight: 20, arbitrary: fc.constantFrom(...words) }, fc.constantFrom(...long), {
      weight: 4,
      arbitrary: fc.string({ unit: 'grapheme' }),
    });
    const encoder = tokenizer.encoder();
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (pieces) => {
        const ids = [...pieces.flatMap((piece) => [...encoder.push(piece)]), ...encoder.finish()];
        expect(ids).toEqual(tokenizer.encode(pieces.join('')));
      }),
      { numRuns: 60 },
    );
  });
});

describe('vocabSizeOf', () => {
  it('takes the full vocabulary when none is asked for', () => {
    expect(vocabSizeOf('byte', undefined)).toBe(257);
    expect(vocabSizeOf('gpt2', undefined)).toBe(50257);
    expect(vocabSizeOf('gpt2', 1024)).toBe(1024);
  });

  it.each<[TokenizerName, number, string]>([
    ['gpt2', 256, 'from 257 to 50257'],
    ['gpt2', 50258, 'from 257 to 50257'],
    ['gpt2', 1000.5, 'whole numbers'],
    ['byte', 256, 'exactly 257'],
  ])('refuses %s %d', async (name, size, allowed) => {
    const error = await failureOf(() => vocabSizeOf(name, size));
    expect(error).toMatchObject({ code: 'vocab_size_invalid', exitCode: 2 });
    expect(error.message).toContain(`vocab_size is ${size}`);
    expect(error.message).toContain(allowed);
  });
});
