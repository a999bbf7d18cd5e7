import { bootstrapResamples } from '../report/statistics.js';
import type { Sweep } from '../run/read-sweep.js';
import { roundFactors } from '../step-time/round-factors.js';
import { budgetGroups, type BudgetCurve, type BudgetGroup } from './budgets.js';
import {
  commonSeeds,
  efficiencyMethods,
  estimate,
  type EfficiencyMethod,
  type Pair,
  type PointEstimate,
  type Ratios,
  type Refusal,
} from './estimate.js';
import type { PowerLaw } from './power-law.js';

/** A ratio with its 95% bootstrap interval; NaN where there is none. 0 and Infinity: beyond what was trained. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Ratios below those of the shortest training, or above those of the longest. */
export interface Beyond {
  readonly side: 'below' | 'above';
  readonly steps_ratio: number;
  readonly time_ratio: number;
}

/** An optimizer against the baseline by one method. */
export interface EfficiencyRow {
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
  readonly steps_ratio: Interval;
  readonly time_ratio: Interval;
  readonly elapsed_ratio: Interval;
  /** The fitted curve, also where it does not come to the loss. */
  readonly law: PowerLaw | undefined;
  /** Why there is no number; empty when there is one. */
  readonly note: string;
  /** Where there is none, below or above which ratios it lies, if that can be said. */
  readonly beyond: Beyond | undefined;
}

/** How efficient each optimizer of a sweep is at the baseline's longest budget; empty when all have the same length. */
export function efficiencyOf(sweep: Sweep): EfficiencyRow[] {
  return budgetGroups(sweep).flatMap((group) => {
    const baseline = baselineOf(group, sweep.baseline);
    if (baseline === undefined) return [];
    const others = group.curves.filter(({ label, budgets }) => label !== sweep.baseline && budgets.length > 1);
    return others.flatMap((curve) => {
      const factors = roundFactors(roundsOf(curve), roundsOf(baseline));
      return efficiencyMethods.map((method) => rowOf(group, method, { curve, baseline }, factors));
    });
  });
}

/** Of several settings of the baseline the one with the lowest loss at the longest budget: the hardest to beat. */
function baselineOf({ curves }: BudgetGroup, label: string): BudgetCurve | undefined {
  const lossOf = ({ budgets }: BudgetCurve) => {
    const { runs } = budgets.at(-1)!;
    return runs.reduce((sum, { loss }) => sum + loss, 0) / runs.length;
  };
  const longest = (curve: BudgetCurve) => curve.budgets.at(-1)!.steps;
  const own = curves.filter((curve) => curve.label === label);
  return own.toSorted((a, b) => longest(b) - longest(a) || lossOf(a) - lossOf(b) || 0)[0];
}

function rowOf(
  group: BudgetGroup,
  method: EfficiencyMethod,
  pair: Pair,
  factors: readonly number[] | undefined,
): EfficiencyRow {
  const { curve, baseline } = pair;
  const seeds = commonSeeds(pair);
  const found: PointEstimate | Refusal =
    seeds.length === 0 ? { refused: 'no seed has been run with every budget' } : estimate(method, pair, seeds);
  const point = 'refused' in found ? undefined : found;
  const intervals = intervalsOf(method, pair, seeds, found, factors);
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
    ...intervals,
    law: found.law,
    note: 'refused' in found ? found.refused : '',
    beyond: 'refused' in found ? beyondOf(found) : undefined,
  };
}

function beyondOf({ ratio: side, limit }: Refusal): Beyond | undefined {
  return side === undefined || limit === undefined ? undefined : { side, ...limit };
}

const ratioNames = ['steps_ratio', 'time_ratio', 'elapsed_ratio'] as const satisfies readonly (keyof Ratios)[];

/**
 * Resamples the seeds; a seed's trainings of all lengths and of both optimizers go together, because they share weights and
 * batches. Where steps were measured apart, the rounds of that are resampled too. A resample that would need extrapolation
 * counts as what it says: below or above everything.
 */
function intervalsOf(
  method: EfficiencyMethod,
  pair: Pair,
  seeds: readonly number[],
  found: PointEstimate | Refusal,
  factors: readonly number[] | undefined,
): Record<(typeof ratioNames)[number], Interval> {
  const none = { value: NaN, low: NaN, high: NaN };
  const isRefused = 'refused' in found;
  if (isRefused && found.limit === undefined) return { steps_ratio: none, time_ratio: none, elapsed_ratio: none };
  const known = new Map<string, Ratios>();
  const ratiosOf = (drawn: readonly number[]) => {
    // A few seeds give few different samples.
    const sample = drawn.toSorted((a, b) => a - b);
    const key = sample.join(' ');
    if (!known.has(key)) known.set(key, resampledRatios(estimate(method, pair, sample)));
    return known.get(key)!;
  };
  const samples = (seeds.length < 2 ? [] : bootstrapResamples(seeds)).map((drawn, index) => {
    const ratios = ratiosOf(drawn);
    return { ...ratios, time_ratio: ratios.time_ratio * (factors?.[index] ?? 1) };
  });
  const entries = ratioNames.map((name) => [
    name,
    intervalOf(
      isRefused ? NaN : found[name],
      samples.map((ratios) => ratios[name]),
    ),
  ]);
  return Object.fromEntries(entries) as Record<(typeof ratioNames)[number], Interval>;
}

/** All trainings of a curve have the step time of their setting. */
function roundsOf({ budgets }: BudgetCurve): readonly number[] {
  return budgets[0]!.runs[0]!.rounds_ms;
}

function resampledRatios(found: PointEstimate | Refusal): Ratios {
  if (!('refused' in found)) return found;
  const beyond = found.ratio === 'below' ? 0 : found.ratio === 'above' ? Infinity : NaN;
  return { steps_ratio: beyond, time_ratio: beyond, elapsed_ratio: beyond };
}

function intervalOf(value: number, samples: readonly number[]): Interval {
  const sorted = samples.toSorted((a, b) => a - b);
  // A resample that says nothing at all leaves nothing to say of the interval.
  if (sorted.length === 0 || sorted.some(Number.isNaN)) return { value, low: NaN, high: NaN };
  const quantile = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
  return { value, low: quantile(0.025), high: quantile(0.975) };
}
