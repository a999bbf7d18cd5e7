import { reachOf, usualLevel, type ErrorPart, type LogEstimate } from '../../statistics/error-parts.js';
import { ratioInterval } from '../../statistics/statistics.js';
import type { StepsRange } from './steps-range.js';

/** A ratio with its 95% interval; NaN where there is none. 0 and Infinity: an end beyond what was trained. */
export interface Ratio {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** A ratio with what its intervals are made of. */
export interface RatioEstimate extends Ratio {
  at(level: number): readonly [low: number, high: number];
  /** Of the error of its logarithm, to first order. */
  readonly parts: readonly ErrorPart[];
}

export const noRatio: RatioEstimate = withIntervals(NaN, () => [NaN, NaN], []);

/** A ratio whose logarithm is known with its error. */
export function ratioOf({ value, parts }: LogEstimate): RatioEstimate {
  return withIntervals(Math.exp(value), (level) => ratioInterval(value, parts, level), parts);
}

/** A range of steps over a number of steps. `value` is NaN where the steps lie beyond what was trained. */
export function ratioOfRange(value: number, range: StepsRange, over: number): RatioEstimate {
  const at = (level: number) => {
    const [low, high] = range.at(level);
    return [low / over, high / over] as const;
  };
  return withIntervals(value, at, range.parts);
}

/** One over a ratio. */
export function inverse(ratio: RatioEstimate): RatioEstimate {
  const at = (level: number) => {
    const [low, high] = ratio.at(level);
    return [1 / high, 1 / low] as const;
  };
  return withIntervals(1 / ratio.value, at, ratio.parts);
}

/**
 * A ratio times another one whose error is independent. An interval reaches on each side as far as both errors together,
 * the first one's taken as its own interval has it there.
 */
export function times(ratio: RatioEstimate, by: LogEstimate): RatioEstimate {
  const value = ratio.value * Math.exp(by.value);
  const at = (level: number) => {
    const [low, high] = ratio.at(level);
    const reach = reachOf(ratio.parts, level);
    const end = (own: number, sign: 1 | -1) => {
      // Beyond what was trained stays beyond.
      if (Number.isNaN(own) || own === 0 || own === Infinity) return own;
      // Of a ratio that lies beyond, only the inner end is known.
      if (Number.isNaN(ratio.value)) return own * Math.exp(by.value + sign * reachOf(by.parts, level));
      const stretch = reach === 0 ? 1 : Math.log(own / ratio.value) / reach;
      const stretched = ratio.parts.map((part) => ({ ...part, variance: part.variance * stretch ** 2 }));
      return value * Math.exp(sign * reachOf([...stretched, ...by.parts], level));
    };
    return [end(low, -1), end(high, 1)] as const;
  };
  return withIntervals(value, at, [...ratio.parts, ...by.parts]);
}

/** An interval of which an end is not known has none. */
function withIntervals(value: number, at: RatioEstimate['at'], parts: readonly ErrorPart[]): RatioEstimate {
  const known = (level: number) => {
    const ends = at(level);
    return ends.some(Number.isNaN) ? ([NaN, NaN] as const) : ends;
  };
  const [low, high] = known(usualLevel);
  return { value, low, high, at: known, parts };
}
