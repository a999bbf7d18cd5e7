/**
 * A 32-bit hash of integers below 2^53, the same on every machine.
 * Both halves of each number pass through the finalizer of MurmurHash3 (Austin Appleby, public domain), which spreads every
 * input bit over all output bits.
 */
export function hash32(...numbers: number[]): number {
  let hash = 0x9e3779b9;
  for (const number of numbers) {
    hash = finalize((hash ^ (number >>> 0)) >>> 0);
    hash = finalize((hash + (Math.floor(number / 2 ** 32) >>> 0) + 0x9e3779b9) >>> 0);
  }
  return hash;
}

function finalize(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
