import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** @import { Case } from './cases.js' */

/**
 * Random tokens: what is in a batch does not change the time of a step.
 * @param {Case} size
 */
export function batchSource({ vocab, sequences, context }) {
  const random = xoroshiro128plus(0);
  const draw = () => Int32Array.from({ length: sequences * context }, () => uniformInt(random, 0, vocab - 1));
  return () => ({ inputs: draw(), targets: draw() });
}
