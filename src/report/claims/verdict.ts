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
 */
export function judge({ at_most = Infinity, at_least = -Infinity }: Bounds, measured: Measured): Judgement {
  const { value, n, note } = measured;
  if (Number.isNaN(value)) return { verdict: 'cannot be said', why: note };
  if (at_most === Infinity && at_least === -Infinity) return { verdict: 'no bound in the paper', why: '' };
  const [low, high] = n === 0 ? [value, value] : [measured.low, measured.high];
  if (Number.isNaN(low) || Number.isNaN(high)) {
    return {
      verdict: 'cannot be said',
      why: n === 1 ? 'measured once, it has no interval' : 'it has no interval',
    };
  }
  if (low >= at_least && high <= at_most) return { verdict: 'holds', why: '' };
  if (low > at_most || high < at_least) return { verdict: 'does not hold', why: '' };
  return { verdict: 'cannot be said', why: `the interval reaches across ${at_most < Infinity ? at_most : at_least}` };
}
