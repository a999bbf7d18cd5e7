import { hash32 } from './hash.js';

const rounds = 6;

/**
 * The image of `index` under the pseudo-random permutation of 0 … size - 1 with this key.
 *
 * A Feistel network over the smallest even number of bits that holds `size`. Results outside the range pass through it again
 * ("cycle walking"). This needs no table: each element costs a few hashes.
 * Source: Black & Rogaway, Ciphers with Arbitrary Finite Domains, 2002.
 * @param size Up to 2^32.
 */
export function permute(index: number, size: number, key: number): number {
  const halfBits = Math.max(1, Math.ceil(Math.log2(size) / 2));
  const half = 2 ** halfBits;
  let place = index;
  do {
    let left = Math.floor(place / half);
    let right = place % half;
    for (let round = 0; round < rounds; round++) {
      // Subtraction undoes addition modulo the half for every hash, which makes this a permutation.
      [left, right] = [right, (left + (hash32(key, round, right) % half)) % half];
    }
    place = left * half + right;
  } while (place >= size);
  return place;
}
