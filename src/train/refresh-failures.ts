import { plural } from '../format.js';
/** Counts of failed refreshes. */
export interface RefreshCounts {
  readonly total: number;
  /** Number of consecutive steps with failures, up to the last step that refreshed something. */
  readonly in_a_row: number;
  /** The last step that refreshed something; 0 before the first. */
  readonly last_step: number;
}

/** The limit of failures, and advice for the user. */
export interface RefreshLimit {
  /** Consecutive steps in which refreshes may fail; null for no limit. */
  readonly maxRefreshFailures: number | null;
  /** Advice for the user beyond the limit; null if there is none. */
  readonly refreshAdvice: string | null;
}

/** Counts failed refreshes of an optimizer's bases or roots, which keep their old values. */
export class RefreshFailures {
  readonly #limit: RefreshLimit;
  #total: number;
  #inARow: number;
  #lastStep: number;

  /**
   * @param counts The counts to start from.
   */
  constructor(limit: RefreshLimit, counts: RefreshCounts = { total: 0, in_a_row: 0, last_step: 0 }) {
    this.#limit = limit;
    this.#total = counts.total;
    this.#inARow = counts.in_a_row;
    this.#lastStep = counts.last_step;
  }

  get counts(): RefreshCounts {
    return { total: this.#total, in_a_row: this.#inARow, last_step: this.#lastStep };
  }

  /** Number of failures so far, counted per side of each parameter. */
  get total(): number {
    return this.#total;
  }

  /**
   * Counts the failures of a step.
   * @param failures Undefined if the step refreshed nothing, which does not end a series of failures.
   * @returns A warning for the user at the first failure of a run.
   */
  count(step: number, failures: number | undefined): string | undefined {
    if (failures === undefined) return undefined;
    const isFirst = this.#total === 0 && failures > 0;
    this.#total += failures;
    this.#inARow = failures > 0 ? this.#inARow + 1 : 0;
    this.#lastStep = step;
    return isFirst
      ? `step ${step}: ${failures} of the optimizer's bases or roots could not be refreshed and stay as they were; refresh_failures in metrics.csv counts on`
      : undefined;
  }

  /** The reason to end the run if the limit is exceeded. */
  get problem(): string | undefined {
    const { maxRefreshFailures: allowed, refreshAdvice } = this.#limit;
    if (allowed === null || this.#inARow <= allowed) return undefined;
    const advice = refreshAdvice === null ? '' : `. ${refreshAdvice}`;
    return `refreshes failed ${plural(this.#inARow, 'time')} in a row up to step ${this.#lastStep}, more than max_refresh_failures ${allowed}${advice}`;
  }
}
