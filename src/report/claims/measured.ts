import type { Measured } from './verdict.js';

/** A measurement, and what tells it from others of the same claim: `precondition_frequency=5`, or empty. */
export interface Located extends Measured {
  readonly where: string;
  /** How it reads where that does not follow from the numbers: `< 0.50×`. */
  readonly text?: string;
}

/** That there is no number. */
export function notMeasured(note: string, where = ''): Located {
  return { where, value: NaN, low: NaN, high: NaN, n: 0, note };
}
