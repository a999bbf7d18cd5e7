import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** About the last digit of float32. */
const digit = 2 ** -23;

/**
 * Weights with every last digit up or down, as rounding may leave it. What a training makes of that is how far apart two
 * trainings may lie that differ by rounding alone.
 * @param {Float32Array} weights
 * @param {number} number Each has signs of its own; 0 changes nothing.
 */
export function perturbed(weights, number) {
  if (number === 0) return weights;
  const random = xoroshiro128plus(number);
  return weights.map((weight) => weight * (uniformInt(random, 0, 1) === 0 ? 1 - digit : 1 + digit));
}
