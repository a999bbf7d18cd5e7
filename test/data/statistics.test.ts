import { describe, it, expect } from 'vitest';
import { unigramEntropy } from '../../src/data/statistics.js';
import { openTokenizer } from '../../src/data/tokenizers/open-tokenizer.js';
import { markovEntropy, markovText } from './markov-text.js';

describe('unigramEntropy', () => {
  it('is computable by hand', () => {
    expect(unigramEntropy(Uint16Array.of(3, 3, 3), 5)).toBe(0);
    expect(unigramEntropy(Uint16Array.of(0, 1, 2, 3), 4)).toBeCloseTo(Math.log(4), 12);
    expect(unigramEntropy(Uint16Array.of(0, 0, 0, 1), 2)).toBeCloseTo(
      -0.75 * Math.log(0.75) - 0.25 * Math.log(0.25),
      12,
    );
  });

  it('is what a source without memory has, and more than a source with memory needs', async () => {
    const tokens = Uint16Array.from((await openTokenizer('byte', undefined)).encode(markovText(100_000, 1)));
    const entropy = unigramEntropy(tokens, 257);
    expect(entropy).toBeCloseTo(markovEntropy.unigram, 2);
    expect(entropy).toBeGreaterThan(markovEntropy.rate + 0.4);
  });
});
