import type { BudgetCurve } from '../../src/analysis/efficiency/budgets.js';
import { estimate } from '../../src/analysis/efficiency/estimate.js';
import { stepsRange } from '../../src/analysis/efficiency/steps-range.js';
import { times } from '../support/noise.js';

const lengths = [200, 250, 300, 350, 400];
/** Nats, as it was met at an eighth of the 360m model. */
const noise = 0.0116;

const optimizer = (n: number) => 2.53 + 246.7 * n ** -1.122;
const baseline = (n: number) => 2.286 + 29.93 * n ** -0.621;

/** Steps at which the optimizer's curve is at the baseline's final loss; and the baseline's at the optimizer's loss of 250 steps. */
const truth = {
  fit: ((baseline(400) - 2.53) / 246.7) ** (-1 / 1.122),
  mirror: ((optimizer(250) - 2.286) / 29.93) ** (-1 / 0.621),
};

/** How much of the variance of a loss is that of its seed: the same for both optimizers, or for each its own. */
export interface Shares {
  readonly common?: number;
  readonly own?: number;
}

/**
 * Trains two optimizers, whose curves are known, for five lengths with so many seeds, and says whether the interval of the
 * iterations at equal loss holds the truth.
 */
export function fitHoldsTruth(
  method: 'fit' | 'mirror',
  n: number,
  { common = 0, own = 0 }: Shares,
  normal: () => number,
): boolean {
  const ofSeed = times(n, () => Math.sqrt(common) * normal());
  const curve = (title: string, lossAt: (steps: number) => number): BudgetCurve => {
    const ofOwn = times(n, () => Math.sqrt(own) * normal());
    const lossOf = (steps: number, seed: number) =>
      lossAt(steps) + noise * (ofSeed[seed]! + ofOwn[seed]! + Math.sqrt(1 - common - own) * normal());
    const budgets = lengths.map((steps) => ({
      steps,
      runs: times(n, (seed) => {
        return { seed, loss: lossOf(steps, seed), step_ms: 1, rounds_ms: [], elapsed_s: 1, evaluations: [] };
      }),
    }));
    return { title, label: title, budgets };
  };
  const [soap, adamw] = [curve('soap', optimizer), curve('adamw', baseline)];
  const seeds = times(n, (seed) => seed);
  const { law, loss } = estimate(method, { curve: soap, baseline: adamw }, seeds);
  const [fitted, measured] = method === 'fit' ? [soap, adamw] : [adamw, soap];
  const [low, high] = stepsRange(fitted, law!, measured, loss!, seeds)!.at(0.95);
  return low <= truth[method] && truth[method] <= high;
}
