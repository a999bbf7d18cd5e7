import { logEstimate } from '../../statistics/error-parts.js';
import type { Study } from '../../results/study.js';
import { budgetGroups, longestLoss, type BudgetCurve, type BudgetGroup } from './budgets.js';
import { elapsedRatio, stepTimeRatio } from './clock-ratio.js';
import {
  commonSeeds,
  efficiencyMethods,
  estimate,
  type EfficiencyMethod,
  type Pair,
  type PointEstimate,
  type Refusal,
} from './estimate.js';
import type { PowerLaw } from './power-law.js';
import { inverse, noRatio, ratioOf, ratioOfRange, times, type RatioEstimate } from './ratio.js';
import { stepsRange } from './steps-range.js';

/** Ratios below those of the shortest training, or above those of the longest. */
export interface Beyond {
  readonly side: 'below' | 'above';
  readonly steps_ratio: number;
  readonly time_ratio: number;
}

/** What an optimizer needs over what the baseline needs. Below 1 it needs less. */
export interface Ratios {
  readonly steps_ratio: RatioEstimate;
  /** Steps times the mean step time of each. */
  readonly time_ratio: RatioEstimate;
  /** Training and evaluation as they really went by. */
  readonly elapsed_ratio: RatioEstimate;
}

/** An optimizer against the baseline by one method. */
export interface EfficiencyRow extends Ratios {
  /** What sets the compared trainings apart from others of the sweep; empty when there are no others. */
  readonly group: string;
  /** The optimizer's title among its curves, and its label. */
  readonly title: string;
  readonly label: string;
  readonly baseline: string;
  readonly method: EfficiencyMethod;
  readonly seeds: readonly number[];
  /** Lengths of the trainings of the curve that is fitted or crosses, in steps. */
  readonly budgets: readonly number[];
  readonly loss: number | null;
  readonly steps: number | null;
  readonly baseline_steps: number | null;
  /** The fitted curve, also where it does not come to the loss. */
  readonly law: PowerLaw | undefined;
  /** Why there is no number; empty when there is one. */
  readonly note: string;
  /** Where there is none, below or above which ratios it lies, if that can be said. */
  readonly beyond: Beyond | undefined;
}

/** How efficient each optimizer of a sweep is at the baseline's longest budget; empty when all have the same length. */
export function efficiencyOf(study: Study): EfficiencyRow[] {
  return budgetGroups(study).flatMap((group) => {
    const baseline = baselineOf(group, study.baseline);
    if (baseline === undefined) return [];
    const others = group.curves.filter(({ label, budgets }) => label !== study.baseline && budgets.length > 1);
    return others.flatMap((curve) => efficiencyMethods.map((method) => rowOf(group, method, { curve, baseline })));
  });
}

/** Of several settings of the baseline the one with the lowest loss at the longest budget: the hardest to beat. */
function baselineOf({ curves }: BudgetGroup, label: string): BudgetCurve | undefined {
  const longest = (curve: BudgetCurve) => curve.budgets.at(-1)!.steps;
  const own = curves.filter((curve) => curve.label === label);
  return own.toSorted((a, b) => longest(b) - longest(a) || longestLoss(a) - longestLoss(b) || 0)[0];
}

function rowOf(group: BudgetGroup, method: EfficiencyMethod, pair: Pair): EfficiencyRow {
  const { curve, baseline } = pair;
  const seeds = commonSeeds(pair);
  const found: PointEstimate | Refusal =
    seeds.length === 0 ? { refused: 'no seed has been run with every budget' } : estimate(method, pair, seeds);
  const point = 'refused' in found ? undefined : found;
  return {
    group: group.title,
    title: curve.title,
    label: curve.label,
    baseline: baseline.title,
    method,
    seeds,
    budgets: (method === 'mirror' ? baseline : curve).budgets.map(({ steps }) => steps),
    loss: point?.loss ?? null,
    steps: point?.steps ?? null,
    baseline_steps: point?.baseline_steps ?? null,
    ...('refused' in found ? refusedRatios(pair, found, seeds) : ratiosOf(method, pair, found, seeds)),
    law: found.law,
    note: 'refused' in found ? found.refused : '',
    beyond: 'refused' in found ? beyondOf(pair, found, seeds) : undefined,
  };
}

function beyondOf({ curve, baseline }: Pair, { side, limit }: Refusal, seeds: readonly number[]): Beyond | undefined {
  if (side === undefined || limit === undefined) return undefined;
  return { side, steps_ratio: limit, time_ratio: limit * Math.exp(stepTimeRatio(curve, baseline, seeds).value) };
}

function ratiosOf(
  method: EfficiencyMethod,
  { curve, baseline }: Pair,
  found: PointEstimate,
  seeds: readonly number[],
): Ratios {
  const steps_ratio = stepsRatio(method, { curve, baseline }, found, seeds);
  const time_ratio = times(steps_ratio, stepTimeRatio(curve, baseline, seeds));
  if (found.elapsed !== undefined) {
    return { steps_ratio, time_ratio, elapsed_ratio: ratioOf(logEstimate(found.elapsed, 'seeds')) };
  }
  const elapsed = elapsedRatio({ curve, steps: found.steps }, { curve: baseline, steps: found.baseline_steps }, seeds);
  // How uncertain the steps are moves what went by as much; besides them, how it went by differs between seeds.
  const perStep = { ...elapsed, value: elapsed.value - Math.log(steps_ratio.value) };
  return { steps_ratio, time_ratio, elapsed_ratio: times(steps_ratio, perStep) };
}

function stepsRatio(
  method: EfficiencyMethod,
  { curve, baseline }: Pair,
  { steps, baseline_steps, loss, law, ratios }: PointEstimate,
  seeds: readonly number[],
): RatioEstimate {
  if (ratios !== undefined) return ratioOf(logEstimate(ratios, 'seeds'));
  const value = steps / baseline_steps;
  if (method === 'mirror') {
    const range = stepsRange(baseline, law!, curve, loss, seeds);
    return range === undefined ? { ...noRatio, value } : inverse(ratioOfRange(1 / value, range, steps));
  }
  const range = stepsRange(curve, law!, baseline, loss, seeds);
  return range === undefined ? { ...noRatio, value } : ratioOfRange(value, range, baseline_steps);
}

/** Where the loss lies beyond a fitted curve there is no number, but the noise may reach back into what was trained. */
function refusedRatios({ curve, baseline }: Pair, { law, loss, limit }: Refusal, seeds: readonly number[]): Ratios {
  const none = { steps_ratio: noRatio, time_ratio: noRatio, elapsed_ratio: noRatio };
  if (law === undefined || loss === undefined || limit === undefined) return none;
  const range = stepsRange(curve, law, baseline, loss, seeds);
  if (range === undefined) return none;
  const steps_ratio = ratioOfRange(NaN, range, baseline.budgets.at(-1)!.steps);
  return { ...none, steps_ratio, time_ratio: times(steps_ratio, stepTimeRatio(curve, baseline, seeds)) };
}
