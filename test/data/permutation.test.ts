import fc from 'fast-check';
import { describe, it, expect } from 'vitest';
import { hash32 } from '../../src/data/hash.js';
import { permute } from '../../src/data/permutation.js';

const all = (size: number, key: number) => Array.from({ length: size }, (_, i) => permute(i, size, key));

describe('permute', () => {
  it('is a permutation for every size and key', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 700 }), fc.nat(0xffffffff), (size, key) => {
        expect(new Set(all(size, key)).size).toBe(size);
        for (const place of all(size, key)) expect(place).toBeLessThan(size);
      }),
    );
  });

  it('stays inside large ranges', () => {
    for (const size of [2 ** 20 + 1, 2 ** 31, 2 ** 32 - 5]) {
      const places = Array.from({ length: 200 }, (_, i) => permute(size - 1 - i, size, 9));
      expect(new Set(places).size).toBe(200);
      expect(Math.max(...places)).toBeLessThan(size);
      expect(Math.min(...places)).toBeGreaterThanOrEqual(0);
    }
  });

  it('leaves no pattern: neighbours go far apart and keys are unrelated', () => {
    const size = 4096;
    const places = all(size, 1);
    const jumps = places.slice(1).map((place, i) => Math.abs(place - places[i]!));
    // Two random places of a range are a third of it apart on average.
    expect(jumps.reduce((a, b) => a + b, 0) / jumps.length / size).toBeCloseTo(1 / 3, 1);
    const other = all(size, 2);
    expect(places.filter((place, i) => place === other[i]).length).toBeLessThan(10);
    expect(places.filter((place, i) => place === i).length).toBeLessThan(10);
  });
});

describe('hash32', () => {
  it('gives 32 bits that depend on every number, its high half, and the order', () => {
    const hashes = [[1], [2], [1 + 2 ** 32], [1, 0], [0, 1], [1, 2], [2, 1], []].map((numbers) => hash32(...numbers));
    expect(new Set(hashes).size).toBe(hashes.length);
    for (const hash of hashes) expect(hash).toBe(hash >>> 0);
  });
});
