import { describe, expect, it } from 'vitest';
import { errorOfMean, type ErrorPart } from '../../src/statistics/error-parts.js';
import { moreToDecide, moreToDecideText } from '../../src/statistics/more-to-decide.js';
import { mean } from '../../src/statistics/mean.js';
import { statisticsOf } from '../../src/statistics/statistics.js';
import { normalNoise, percentOf, times } from '../support/noise.js';

const seeds = (sd: number, n: number): ErrorPart => ({ from: 'seeds', variance: sd ** 2 / n, degrees: n - 1 });

describe('the number of seeds that would decide', () => {
  it('decides four of five times, in simulations', () => {
    const enough = moreToDecide([seeds(1, 3)], 'seeds', 3, 1)!;
    const normal = normalNoise(1);
    const decided = percentOf(4000, () => {
      const { low, high } = statisticsOf(times(enough, () => 1 + normal()))!;
      return low > 0 || high < 0;
    });
    expect(decided).toBeGreaterThan(77);
    expect(decided).toBeLessThan(87);
  });

  it('is the fewest, more than there are, and none where the error is not that of seeds', () => {
    expect(moreToDecide([seeds(1, 3)], 'seeds', 3, 1)).toBe(10);
    expect(moreToDecide([seeds(1, 3)], 'seeds', 3, 100)).toBe(4);
    expect(moreToDecide([seeds(1, 3)], 'seeds', 3, 0)).toBeUndefined();
    expect(moreToDecide([seeds(1, 3)], 'seeds', 3, 1e-3)).toBeUndefined();
    const rounds: ErrorPart = { from: 'rounds', variance: 1, degrees: 5 };
    expect(moreToDecide([seeds(1, 3), rounds], 'seeds', 3, 1)).toBeUndefined();
    expect(moreToDecideText([rounds], 6, 3)).toBe('about 8 rounds of timing');
    expect(moreToDecideText([errorOfMean([0.4, 0.5, 0.7], 'seeds')], 3, mean([0.4, 0.5, 0.7]) - 0.6)).toMatch(
      /^about \d+ seeds$/,
    );
  });
});
