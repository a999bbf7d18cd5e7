import { mean } from '../../statistics/mean.js';
import { stepsToTarget } from '../steps-to-target.js';
import type { Budget, BudgetCurve } from './budgets.js';
import { runOf } from './clock-ratio.js';
import { fewestLengths, fitPowerLaw, invertPowerLaw, type PowerLaw } from './power-law.js';
import { plural } from '../../format.js';

/**
 * How the iterations are found that an optimizer needs for a loss of the baseline:
 * - `fit`: a curve through the optimizer's own trainings of several lengths, at the baseline's final loss (SOAP paper);
 * - `mirror`: a curve through the baseline's trainings, at the optimizer's final loss;
 * - `crossing`: where the full-length training itself comes down to the baseline's final loss, in mid-schedule.
 */
export const efficiencyMethods = ['fit', 'mirror', 'crossing'] as const;
export type EfficiencyMethod = (typeof efficiencyMethods)[number];

/** An optimizer against the baseline, over the same seeds. */
export interface Pair {
  readonly curve: BudgetCurve;
  readonly baseline: BudgetCurve;
}

/** Steps that an optimizer and the baseline need for the same loss. */
export interface PointEstimate {
  readonly steps: number;
  readonly baseline_steps: number;
  /** The loss at which they are compared. */
  readonly loss: number;
  /** The curve that was inverted. */
  readonly law?: PowerLaw;
  /** Without a curve: the steps ratio of each seed. */
  readonly ratios?: readonly number[];
  /** And what really went by in each seed, over the baseline's. */
  readonly elapsed?: readonly number[];
}

/** Why there is no number. `side` says where the ratio must lie: below or above all that was trained. */
export interface Refusal {
  readonly refused: string;
  readonly side?: 'below' | 'above' | undefined;
  /** Below or above which ratio of steps, where it is known. */
  readonly limit?: number;
  /** The curve, where there is one, that does not come to the loss, and the loss. */
  readonly law?: PowerLaw;
  readonly loss?: number;
}

/** The seeds that every length of training of both has been run with. */
export function commonSeeds({ curve, baseline }: Pair): number[] {
  const all = [...curve.budgets, ...baseline.budgets].map(({ runs }) => runs.map(({ seed }) => seed));
  return [...new Set(all.flat())].filter((seed) => all.every((seeds) => seeds.includes(seed)));
}

/** Compares an optimizer with the baseline at its longest budget. */
export function estimate(method: EfficiencyMethod, pair: Pair, seeds: readonly number[]): PointEstimate | Refusal {
  if (method === 'fit') return byFit(pair, seeds);
  return method === 'mirror' ? byMirror(pair, seeds) : byCrossing(pair, seeds);
}

function byFit({ curve, baseline }: Pair, seeds: readonly number[]): PointEstimate | Refusal {
  const full = baseline.budgets.at(-1)!;
  const loss = lossOf(full, seeds);
  if (loss === Infinity) return { refused: `${baseline.title} diverged at its longest budget` };
  const law = fitted(curve, seeds);
  if ('refused' in law) return law;
  const steps = invertPowerLaw(law, loss);
  if (typeof steps === 'number') return { steps, baseline_steps: full.steps, loss, law };
  const end = steps === 'shorter' ? curve.budgets[0]! : curve.budgets.at(-1)!;
  return {
    refused: `${baseline.title}'s final loss is ${outside(curve, steps)}`,
    side: steps === 'shorter' ? 'below' : 'above',
    limit: end.steps / full.steps,
    law,
    loss,
  };
}

/** At the optimizer's longest training whose loss the baseline's curve comes to. */
function byMirror({ curve, baseline }: Pair, seeds: readonly number[]): PointEstimate | Refusal {
  const law = fitted(baseline, seeds);
  if ('refused' in law) return law;
  const reached = curve.budgets.map((budget) => {
    const loss = lossOf(budget, seeds);
    return {
      steps: budget.steps,
      loss,
      found: loss === Infinity ? ('shorter' as const) : invertPowerLaw(law, loss),
    };
  });
  const last = reached.findLast(({ found }) => typeof found === 'number');
  if (last !== undefined) {
    return { steps: last.steps, baseline_steps: last.found as number, loss: last.loss, law };
  }
  const sides = new Set(reached.map(({ found }) => found as 'shorter' | 'longer'));
  const side = sides.size === 1 ? [...sides][0]! : undefined;
  const refused = `${curve.title}'s losses are ${outside(baseline, side)}`;
  return { refused, law, side: side === undefined ? undefined : side === 'longer' ? 'below' : 'above' };
}

/** Where the optimizer's training of the baseline's length passes the baseline's final loss; the geometric mean over seeds. */
function byCrossing({ curve, baseline }: Pair, seeds: readonly number[]): PointEstimate | Refusal {
  const full = baseline.budgets.at(-1)!;
  const same = curve.budgets.find(({ steps }) => steps === full.steps);
  if (same === undefined) return { refused: `${curve.title} was not trained for ${plural(full.steps, 'step')}` };
  const pairs = seeds.map((seed) => ({ own: runOf(same, seed), base: runOf(full, seed) }));
  if (pairs.some(({ base }) => base.loss === Infinity)) {
    return { refused: `${baseline.title} diverged at its longest budget` };
  }
  const crossings = pairs.map(({ own, base }) => {
    const rows = own.evaluations.map((row) => ({ ...row, train_time_s: row.train_time_s + row.eval_time_s }));
    // A diverged training has not reached anything, whatever it passed on the way.
    const { steps, train_time_s } = stepsToTarget(own.loss === Infinity ? [] : rows, base.loss);
    return { ratio: steps / full.steps, elapsed: train_time_s / base.elapsed_s };
  });
  const missed = crossings.filter(({ ratio }) => ratio === Infinity).length;
  if (missed > 0) {
    const who = seeds.length === 1 ? '' : ` with ${missed} of ${seeds.length} seeds`;
    return { refused: `${curve.title} did not reach ${baseline.title}'s final loss${who}`, side: 'above' };
  }
  const ratios = crossings.map(({ ratio }) => ratio);
  return {
    steps: full.steps * Math.exp(mean(ratios.map(Math.log))),
    baseline_steps: full.steps,
    loss: lossOf(full, seeds),
    ratios,
    elapsed: crossings.map(({ elapsed }) => elapsed),
  };
}

/** The curve through the mean losses; lengths at which a training diverged have none. */
function fitted(curve: BudgetCurve, seeds: readonly number[]): PowerLaw | Refusal {
  const points = curve.budgets.map((budget) => ({ n: budget.steps, loss: lossOf(budget, seeds) }));
  const finite = points.filter(({ loss }) => loss < Infinity);
  if (finite.length >= fewestLengths) return fitPowerLaw(finite);
  const diverged = finite.length < points.length ? `, ${points.length - finite.length} more diverged` : '';
  return {
    refused: `a fit takes ${fewestLengths} lengths of training, ${curve.title} has ${finite.length}${diverged}`,
  };
}

/** `below the losses of soap's trainings (100 to 200 steps)` */
function outside({ title, budgets }: BudgetCurve, side: 'shorter' | 'longer' | undefined): string {
  const where = side === undefined ? 'on both sides of' : side === 'shorter' ? 'above' : 'below';
  const range = `${budgets[0]!.steps} to ${budgets.at(-1)!.steps} steps`;
  return `${where} what was fitted to ${title} (${range}); it is not extrapolated`;
}

function lossOf(budget: Budget, seeds: readonly number[]): number {
  return mean(seeds.map((seed) => runOf(budget, seed).loss));
}
