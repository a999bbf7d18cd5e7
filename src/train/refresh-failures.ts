/** What has been counted. */
export interface RefreshCounts {
  readonly total: number;
  /** Calls with failures, one after the other, up to the last call that refreshed something. */
  readonly in_a_row: number;
  /** The last call that refreshed something; 0 before there is one. */
  readonly last_step: number;
}

/** Counts refreshes of an optimizer's bases or roots that failed and left what there was. */
export class RefreshFailures {
  readonly #allowedInARow: number | null;
  #total: number;
  #inARow: number;
  #lastStep: number;

  /**
   * @param allowedInARow Calls with failures, one after the other, that are put up with; null for any number.
   * @param counts What has been counted before.
   */
  constructor(allowedInARow: number | null, counts: RefreshCounts = { total: 0, in_a_row: 0, last_step: 0 }) {
    this.#allowedInARow = allowedInARow;
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
    if (this.#allowedInARow === null || this.#inARow <= this.#allowedInARow) return undefined;
    return `refreshes failed ${this.#inARow} times in a row up to step ${this.#lastStep}, more than max_refresh_failures ${this.#allowedInARow}`;
  }
}
