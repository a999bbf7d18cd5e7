import { mean } from '../report/statistics.js';
import { stepsToTarget } from '../report/steps-to-target.js';
import type { Budget, BudgetCurve, BudgetRun } from './budgets.js';
import { fewestLengths, fitPowerLaw, invertPowerLaw, type PowerLaw } from './power-law.js';

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

/** What an optimizer needs over what the baseline needs. Below 1 it needs less. */
export interface Ratios {
  readonly steps_ratio: number;
  /** Steps times the mean step time of each. */
  readonly time_ratio: number;
  /** Training and evaluation as they really went by. */
  readonly elapsed_ratio: number;
}

export interface PointEstimate extends Ratios {
  /** Steps of the optimizer and of the baseline for the same loss. */
  readonly steps: number;
  readonly baseline_steps: number;
  /** The loss at which they are compared. */
  readonly loss: number;
  readonly law?: PowerLaw;
}

/** Why there is no number. `ratio` says where the ratios must lie: below or above all that was trained. */
export interface Refusal {
  readonly refused: string;
  readonly ratio?: 'below' | 'above' | undefined;
  /** Below or above which ratios, where it is known. */
  readonly limit?: Pick<Ratios, 'steps_ratio' | 'time_ratio'>;
  /** The curve, where there is one, that does not come to the loss. */
  readonly law?: PowerLaw;
}

/** The seeds that every length of training of both has been run with. */
export function commonSeeds({ curve, baseline }: Pair): number[] {
  const all = [...curve.budgets, ...baseline.budgets].map(({ runs }) => runs.map(({ seed }) => seed));
  return [...new Set(all.flat())].filter((seed) => all.every((seeds) => seeds.includes(seed)));
}

/**
 * Compares an optimizer with the baseline at its longest budget.
 * @param seeds Which runs count, one as often as it is named.
 */
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
  if (typeof steps === 'string') {
    const refused = `${baseline.title}'s final loss is ${outside(curve, steps)}`;
    const end = steps === 'shorter' ? curve.budgets[0]! : curve.budgets.at(-1)!;
    const steps_ratio = end.steps / full.steps;
    const limit = { steps_ratio, time_ratio: steps_ratio * stepTimeRatio(curve, baseline, seeds) };
    return { refused, law, ratio: steps === 'shorter' ? 'below' : 'above', limit };
  }
  return {
    ...{ steps, baseline_steps: full.steps, loss, law },
    steps_ratio: steps / full.steps,
    time_ratio: (steps / full.steps) * stepTimeRatio(curve, baseline, seeds),
    elapsed_ratio: elapsedAt(curve, steps, seeds) / elapsedAt(baseline, full.steps, seeds),
  };
}

/** At the optimizer's longest training whose loss the baseline's curve comes to. */
function byMirror({ curve, baseline }: Pair, seeds: readonly number[]): PointEstimate | Refusal {
  const law = fitted(baseline, seeds);
  if ('refused' in law) return law;
  const reached = curve.budgets.map(({ steps, runs }) => {
    const loss = lossOf({ steps, runs }, seeds);
    return { steps, loss, found: loss === Infinity ? ('shorter' as const) : invertPowerLaw(law, loss) };
  });
  const last = reached.findLast(({ found }) => typeof found === 'number');
  if (last === undefined) {
    const sides = new Set(reached.map(({ found }) => found as 'shorter' | 'longer'));
    const side = sides.size === 1 ? [...sides][0]! : undefined;
    const refused = `${curve.title}'s losses are ${outside(baseline, side)}`;
    return { refused, law, ratio: side === undefined ? undefined : side === 'longer' ? 'below' : 'above' };
  }
  const baseline_steps = last.found as number;
  const steps_ratio = last.steps / baseline_steps;
  return {
    ...{ steps: last.steps, baseline_steps, loss: last.loss, law, steps_ratio },
    time_ratio: steps_ratio * stepTimeRatio(curve, baseline, seeds),
    elapsed_ratio: elapsedAt(curve, last.steps, seeds) / elapsedAt(baseline, baseline_steps, seeds),
  };
}

/** Where the optimizer's training of the baseline's length passes the baseline's final loss; the mean over seeds. */
function byCrossing({ curve, baseline }: Pair, seeds: readonly number[]): PointEstimate | Refusal {
  const full = baseline.budgets.at(-1)!;
  const same = curve.budgets.find(({ steps }) => steps === full.steps);
  if (same === undefined) return { refused: `${curve.title} was not trained for ${full.steps} steps` };
  const pairs = seeds.map((seed) => ({ own: runOf(same, seed), base: runOf(full, seed) }));
  if (pairs.some(({ base }) => base.loss === Infinity)) {
    return { refused: `${baseline.title} diverged at its longest budget` };
  }
  const crossings = pairs.map(({ own, base }) => {
    const rows = own.evaluations.map((row) => ({ ...row, train_time_s: row.train_time_s + row.eval_time_s }));
    // A diverged training has not reached anything, whatever it passed on the way.
    const { steps, train_time_s } = stepsToTarget(own.loss === Infinity ? [] : rows, base.loss);
    return { steps, elapsed: train_time_s / base.elapsed_s };
  });
  const missed = crossings.filter(({ steps }) => steps === Infinity).length;
  if (missed > 0) {
    const who = seeds.length === 1 ? '' : ` with ${missed} of ${seeds.length} seeds`;
    return { refused: `${curve.title} did not reach ${baseline.title}'s final loss${who}`, ratio: 'above' };
  }
  const steps = mean(crossings.map((crossing) => crossing.steps));
  return {
    ...{ steps, baseline_steps: full.steps, loss: lossOf(full, seeds), steps_ratio: steps / full.steps },
    time_ratio: (steps / full.steps) * stepTimeRatio(curve, baseline, seeds),
    elapsed_ratio: mean(crossings.map(({ elapsed }) => elapsed)),
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

function runOf({ runs }: Budget, seed: number): BudgetRun {
  return runs.find((run) => run.seed === seed)!;
}

/** NaN when a training was too short for a step time. */
function stepTimeRatio(curve: BudgetCurve, baseline: BudgetCurve, seeds: readonly number[]): number {
  const stepMs = ({ budgets }: BudgetCurve) =>
    mean(budgets.flatMap((budget) => seeds.map((seed) => runOf(budget, seed).step_ms ?? NaN)));
  return stepMs(curve) / stepMs(baseline);
}

/** On the straight line between the trainings of the lengths around it. */
function elapsedAt({ budgets }: BudgetCurve, steps: number, seeds: readonly number[]): number {
  const elapsed = (budget: Budget) => mean(seeds.map((seed) => runOf(budget, seed).elapsed_s));
  const index = budgets.findIndex((budget) => budget.steps >= steps);
  const [before, after] = [budgets[index - 1], budgets[index]!];
  if (before === undefined || after.steps === steps) return elapsed(after);
  const share = (steps - before.steps) / (after.steps - before.steps);
  return elapsed(before) + share * (elapsed(after) - elapsed(before));
}
