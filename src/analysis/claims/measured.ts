import { reachOf, type ErrorPart } from '../../statistics/error-parts.js';
import { moreToDecideText } from '../../statistics/more-to-decide.js';
import { statisticsOf } from '../../statistics/statistics.js';
import type { Measured } from './verdict.js';

/** A measurement, and what tells it from others of the same claim: `precondition_frequency=5`, or empty. */
export interface Located extends Measured {
  readonly where: string;
  /** How it reads where that does not follow from the numbers: `< 0.50×`. */
  readonly text?: string;
}

/** A number without an interval. */
export function withoutInterval(value: number, n: number, note: string, where: string): Located {
  return { where, value, low: NaN, high: NaN, n, note, at: () => [NaN, NaN], toDecide: () => undefined };
}

/** That there is no number. */
export function notMeasured(note: string, where = ''): Located {
  return withoutInterval(NaN, 0, note, where);
}

/** The mean of differences, one a seed; at least one. */
export function meanOfSeeds(differences: readonly number[], parts: readonly ErrorPart[], where: string): Located {
  const { mean, low, high, n } = statisticsOf(differences)!;
  const at = (level: number): [number, number] => {
    const reach = reachOf(parts, level);
    return Number.isFinite(reach) ? [mean - reach, mean + reach] : [NaN, NaN];
  };
  const toDecide = (bound: number, level: number) => moreToDecideText(parts, n, mean - bound, level);
  return { where, value: mean, low, high, n, note: '', at, toDecide };
}
