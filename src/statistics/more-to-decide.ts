import { standardError, usualLevel, type ErrorPart } from './error-parts.js';
import { tQuantile } from './student-t.js';

/** How many are looked at; whoever needs more should look for a larger effect. */
const most = 1000;

/** How often that many would decide, if the estimate is right. */
const power = 0.8;

/**
 * With how many seeds, or rounds of timing, an interval would come clear of a bound in four of five cases, if estimate and
 * spread stay as they are.
 * @param parts Of the error with `n` of them.
 * @param distance From the estimate to the bound, on the same scale.
 * @returns Undefined where no number up to 1000 would: the estimate is too near, or its error comes from something else.
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
  // More never decide less.
  let [few, enough] = [n, most];
  while (enough - few > 1) {
    const middle = Math.floor((few + enough) / 2);
    if (isEnough(middle)) enough = middle;
    else few = middle;
  }
  return enough;
}

/** `about 7 seeds`; rounds of timing where nothing else is uncertain. */
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
