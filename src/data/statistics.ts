import { blocksOf, type Tokens } from './tokens.js';

/**
 * The unigram entropy in nats: the loss of the best prediction without context. A model whose loss is not clearly below it has
 * only learnt the frequencies of tokens.
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
