/** Counts refreshes of an optimizer's bases or roots that failed and left what there was. */
export class RefreshFailures {
  readonly #allowedInARow: number | null;
  #total = 0;
  #inARow = 0;
  #lastStep = 0;

  /** @param allowedInARow Calls with failures, one after the other, that are put up with; null for any number. */
  constructor(allowedInARow: number | null) {
    this.#allowedInARow = allowedInARow;
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
