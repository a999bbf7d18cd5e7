import { standardError, usualLevel, type ErrorPart } from './error-parts.js';
import { tQuantile } from './student-t.js';

/** The largest number that is considered. */
const most = 1000;

/** The required probability of a decision if the estimate is right. */
const power = 0.8;

/**
 * The number of seeds (or timing rounds) with which the interval would exclude a bound in four of five cases, if estimate
 * and spread stay the same.
 * @param parts The parts of the error with `n` seeds or rounds.
 * @param distance Distance from the estimate to the bound, on the same scale.
 * @returns Undefined if no number up to 1000 suffices: the estimate is too close to the bound, or its error has another source.
 */
export function moreToDecide(
  parts: readonly ErrorPart[],
  from: ErrorPart['from'],
  n: number,
  distance: number,
  level = usualLevel,
): number | undefined {
  if (n < 2 || !Number.isFinite(distance)) return undefined;
  const isEnough = (more: number) => {
    const scaled = parts.map((part): ErrorPart => {
      if (part.from !== from) return part;
      return { ...part, variance: (part.variance * n) / more, degrees: (part.degrees * (more - 1)) / (n - 1) };
    });
    const { se, degrees } = standardError(scaled);
    return se === 0 || (tQuantile((1 + level) / 2, degrees) + tQuantile(power, degrees)) * se <= Math.abs(distance);
  };
  if (!isEnough(most)) return undefined;
  // The power never falls with more of them, so a binary search finds the fewest.
  let [few, enough] = [n, most];
  while (enough - few > 1) {
    const middle = Math.floor((few + enough) / 2);
    if (isEnough(middle)) enough = middle;
    else few = middle;
  }
  return enough;
}

/** Text such as `about 7 seeds`, or timing rounds if only they are uncertain. */
export function moreToDecideText(
  parts: readonly ErrorPart[],
  n: number,
  distance: number,
  level = usualLevel,
): string | undefined {
  const from = parts.some((part) => part.from === 'seeds') ? 'seeds' : 'rounds';
  const enough = moreToDecide(parts, from, n, distance, level);
  return enough === undefined ? undefined : `about ${enough} ${from === 'seeds' ? 'seeds' : 'rounds of timing'}`;
}
