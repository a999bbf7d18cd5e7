import { blocksOf, type Tokens } from './tokens.js';

/**
 * Entropy of single tokens in nats: the loss of the best guess that ignores all context. A model whose loss is not
 * clearly below it has learnt nothing but the tokens' frequencies.
 */
export function unigramEntropy(tokens: Tokens, vocabSize: number): number {
  const counts = new Float64Array(vocabSize);
  for (const block of blocksOf(tokens)) for (const token of block) counts[token]! += 1;
  let entropy = 0;
  for (const count of counts) {
    if (count > 0) entropy -= (count / tokens.length) * Math.log(count / tokens.length);
  }
  return entropy;
}
