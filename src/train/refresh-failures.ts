/** What has been counted. */
export interface RefreshCounts {
  readonly total: number;
  /** Calls with failures, one after the other, up to the last call that refreshed something. */
  readonly in_a_row: number;
  /** The last call that refreshed something; 0 before there is one. */
  readonly last_step: number;
}

/** How many failures are put up with. */
export interface RefreshLimit {
  /** Calls with failures, one after the other; null for any number. */
  readonly maxRefreshFailures: number | null;
  /** What to change when there are more; null when that is not known. */
  readonly refreshAdvice: string | null;
}

/** Counts refreshes of an optimizer's bases or roots that failed and left what there was. */
export class RefreshFailures {
  readonly #limit: RefreshLimit;
  #total: number;
  #inARow: number;
  #lastStep: number;

  /**
   * @param counts What has been counted before.
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

  /** Failures so far, each side of each parameter counted. */
  get total(): number {
    return this.#total;
  }

  /**
   * Takes note of a call.
   * @param failures Undefined when the call refreshed nothing: a row of failures then goes on.
   * @returns What to tell the user, at the first failure of a run.
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

  /** Why the run has to end, when there have been too many. */
  get problem(): string | undefined {
    const { maxRefreshFailures: allowed, refreshAdvice } = this.#limit;
    if (allowed === null || this.#inARow <= allowed) return undefined;
    const advice = refreshAdvice === null ? '' : `. ${refreshAdvice}`;
    return `refreshes failed ${this.#inARow} times in a row up to step ${this.#lastStep}, more than max_refresh_failures ${allowed}${advice}`;
  }
}
