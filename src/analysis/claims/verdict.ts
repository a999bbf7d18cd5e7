/** What measurements say of a claim. */
export type Verdict = 'holds' | 'does not hold' | 'cannot be said' | 'no bound in the paper';

/** A measured number with its 95% interval. */
export interface Measured {
  /** NaN when there is none; `note` says why. Of ratios, 0 and Infinity: beyond all that was trained. */
  readonly value: number;
  /** NaN with a single seed; 0 and Infinity as of the value. */
  readonly low: number;
  readonly high: number;
  /** Of seeds, or of rounds of timing; 0 for a number that was counted and has no spread. */
  readonly n: number;
  readonly note: string;
  /** Its interval of another level. */
  at(level: number): readonly [low: number, high: number];
  /** How many seeds, or rounds, would tell it from a bound; undefined where that is not known. */
  toDecide(bound: number, level: number): string | undefined;
}

/** Between what a number lies according to a claim; without either there is nothing to hold a measurement against. */
export interface Bounds {
  readonly at_most?: number | undefined;
  readonly at_least?: number | undefined;
}

export interface Judgement {
  readonly verdict: Verdict;
  /** Why nothing can be said; empty otherwise. */
  readonly why: string;
}

/**
 * Holds a measurement against a claim. A claim holds when the whole interval does as it says and fails when none of it does;
 * a number without an interval decides nothing.
 * @param of How many measurements the claim is held against. Each has an interval so much wider that with all of them together
 * at most one claim in twenty gets a wrong verdict (Bonferroni).
 */
export function judge({ at_most = Infinity, at_least = -Infinity }: Bounds, measured: Measured, of = 1): Judgement {
  const { value, n, note } = measured;
  if (Number.isNaN(value)) return { verdict: 'cannot be said', why: note };
  if (at_most === Infinity && at_least === -Infinity) return { verdict: 'no bound in the paper', why: '' };
  const level = 1 - 0.05 / of;
  const [low, high] = n === 0 ? ([value, value] as const) : measured.at(level);
  if (Number.isNaN(low) || Number.isNaN(high)) {
    return { verdict: 'cannot be said', why: n === 1 ? 'measured once, it has no interval' : 'it has no interval' };
  }
  if (low >= at_least && high <= at_most) return { verdict: 'holds', why: '' };
  if (low > at_most || high < at_least) return { verdict: 'does not hold', why: '' };
  const bound = at_most < Infinity ? at_most : at_least;
  const corrected = of === 1 ? '' : `, corrected for ${of} settings,`;
  const enough = measured.toDecide(bound, level);
  const more = enough === undefined ? '' : `; ${enough} would decide`;
  return { verdict: 'cannot be said', why: `the interval${corrected} reaches across ${bound}${more}` };
}
