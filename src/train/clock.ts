/** Adds up wall-clock time, in seconds, of the stretches of work it is asked to measure. */
export class Clock {
  #seconds: number;

  /** @param seconds What it has counted before. */
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
