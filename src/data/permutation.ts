import { hash32 } from './hash.js';

const rounds = 6;

/**
 * Where `index` goes in the pseudo-random permutation of 0 … size - 1 that `key` names.
 *
 * A Feistel network over the smallest even number of bits that holds `size`; results outside the range are sent
 * through again until they fall inside («cycle walking»). So that no table is kept: any place of any permutation
 * costs a few hashes. Source: Black & Rogaway, Ciphers with Arbitrary Finite Domains, 2002.
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
      // Addition modulo the half is undone by subtraction, whatever the hash: that makes it a permutation.
      [left, right] = [right, (left + (hash32(key, round, right) % half)) % half];
    }
    place = left * half + right;
  } while (place >= size);
  return place;
}
