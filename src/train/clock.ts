/** Adds up wall-clock time, in seconds, of the stretches of work it is asked to measure. */
export class Clock {
  #seconds = 0;

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
