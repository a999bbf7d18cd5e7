import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A source of standard normal numbers, the same ones for the same seed. Source: Box & Muller 1958. */
export function normalNoise(seed: number): () => number {
  const random = xoroshiro128plus(seed);
  return () => {
    const radius = Math.sqrt(-2 * Math.log(1 - uniformFloat64(random)));
    return radius * Math.cos(2 * Math.PI * uniformFloat64(random));
  };
}

/** So many of something. */
export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** In how many percent of so many simulations something is so. */
export function percentOf(simulations: number, isSo: (index: number) => boolean): number {
  return (100 * times(simulations, isSo).filter(Boolean).length) / simulations;
}
