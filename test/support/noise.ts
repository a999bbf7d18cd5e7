import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A reproducible source of standard normal numbers. Source: Box & Muller 1958. */
export function normalNoise(seed: number): () => number {
  const random = xoroshiro128plus(seed);
  return () => {
    const radius = Math.sqrt(-2 * Math.log(1 - uniformFloat64(random)));
    return radius * Math.cos(2 * Math.PI * uniformFloat64(random));
  };
}

/** Makes `count` values. */
export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** The percentage of simulations in which a condition holds. */
export function percentOf(simulations: number, isSo: (index: number) => boolean): number {
  return (100 * times(simulations, isSo).filter(Boolean).length) / simulations;
}
