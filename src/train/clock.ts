/** Sums the wall-clock time of measured work, in seconds. */
export class Clock {
  #seconds: number;

  /** @param seconds The time to start from. */
  constructor(seconds = 0) {
    this.#seconds = seconds;
  }

  get seconds(): number {
    return this.#seconds;
  }

  async measure<T>(work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await work();
    } finally {
      this.#seconds += (performance.now() - start) / 1000;
    }
  }
}
