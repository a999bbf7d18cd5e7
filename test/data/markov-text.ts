import { hash32 } from '../../src/data/hash.js';

const letters = 'abcd';

/** Row: letter now; column: probability of the next one. Doubly stochastic, so that all letters are equally frequent. */
const transitions = [
  [0.7, 0.1, 0.1, 0.1],
  [0.1, 0.7, 0.1, 0.1],
  [0.1, 0.1, 0.1, 0.7],
  [0.1, 0.1, 0.7, 0.1],
];

/** Nats a letter that no model can go below, and what a model without context reaches. */
export const markovEntropy = {
  rate: -(0.7 * Math.log(0.7) + 3 * 0.1 * Math.log(0.1)),
  unigram: Math.log(4),
};

/** Text of a Markov chain with known entropy: the same for the same seed. */
export function markovText(length: number, seed: number): string {
  let state = 0;
  let text = '';
  for (let i = 0; i < length; i++) {
    text += letters[state]!;
    let rest = hash32(seed, i) / 2 ** 32;
    const row = transitions[state]!;
    state = 0;
    while (state < 3 && rest >= row[state]!) rest -= row[state++]!;
  }
  return text;
}
