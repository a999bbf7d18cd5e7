import { describe, expect, it } from 'vitest';
import { holm } from '../../src/statistics/holm.js';

describe("Holm's correction", () => {
  it('is that of the textbook, and leaves out what is not known', () => {
    // The smallest times 4, the next times 3, …; never below one that is smaller.
    const corrected = holm([0.01, null, 0.04, 0.03, 0.005]);
    expect(corrected[1]).toBeNull();
    expect([0, 2, 3, 4].map((i) => corrected[i])).toEqual(
      [0.03, 0.06, 0.06, 0.02].map((p) => expect.closeTo(p, 12) as number),
    );
  });

  it('never passes 1, and takes nothing', () => {
    expect(holm([0.6, 0.9])).toEqual([1, 1]);
    expect(holm([])).toEqual([]);
    expect(holm([null])).toEqual([null]);
  });
});
