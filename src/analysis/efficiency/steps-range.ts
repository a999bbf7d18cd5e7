import { mostReachOf, reachOf, type ErrorPart } from '../../statistics/error-parts.js';
import type { BudgetCurve } from './budgets.js';
import { runOf } from './clock-ratio.js';
import { fitError, type LossTable } from './fit-error.js';
import { fittedLoss, type PowerLaw } from './power-law.js';

/** The lengths at which a fitted curve may be at a loss, as far as the noise of the losses lets one say. */
export interface StepsRange {
  /** 0 or Infinity for an end that lies beyond the lengths that were trained. */
  at(level: number): [low: number, high: number];
  /** Of the error of the steps' logarithm, to first order, where the curve is nearest to the loss. */
  readonly parts: readonly ErrorPart[];
}

/** Lengths that are looked at between the shortest and the longest, at equal ratios; ends are interpolated between them. */
const looks = 200;

/**
 * All lengths at which the curve is no further from the loss than the error of their difference lets it be. Beyond the
 * lengths that were trained nothing is said.
 * @param curve The optimizer whose trainings the law was fitted to.
 * @param measured The other optimizer, one of whose mean losses is `loss`.
 * @returns Undefined for a single seed, or where no length of the other optimizer has losses.
 */
export function stepsRange(
  curve: BudgetCurve,
  law: PowerLaw,
  measured: BudgetCurve,
  loss: number,
  seeds: readonly number[],
): StepsRange | undefined {
  const [own, other] = [tableOf(curve, seeds), tableOf(measured, seeds)];
  if (seeds.length < 2 || other.lengths.length === 0) return undefined;
  const errorAt = fitError(own, law, other);
  const ratio = law.to / law.from;
  const lengths = Array.from({ length: looks + 1 }, (_, i) => law.from * ratio ** (i / looks));
  const gaps = lengths.map((n) => fittedLoss(law, n) - loss);
  const errors = lengths.map(errorAt);
  const distances = gaps.map(Math.abs);
  const nearest = distances.indexOf(Math.min(...distances));
  return {
    at: (level) => {
      const reach = (i: number) => reachOf(errors[i]!, level);
      // The bound comes first: most lengths are beyond it, and a quantile for each would take longer than all the rest.
      const isWithin = (i: number) => distances[i]! <= mostReachOf(errors[i]!, level) && distances[i]! <= reach(i);
      const first = gaps.findIndex((gap, i) => gap <= 0 || isWithin(i));
      const last = gaps.findLastIndex((gap, i) => gap >= 0 || isWithin(i));
      const above = (i: number) => gaps[i]! - reach(i);
      const below = (i: number) => gaps[i]! + reach(i);
      const low = first === -1 ? law.to : first === 0 ? 0 : zeroBetween(lengths, above, first - 1);
      const high = last === -1 ? law.from : last === looks ? Infinity : zeroBetween(lengths, below, last);
      return [low, high];
    },
    parts: errors[nearest]!.map((part) => ({
      ...part,
      variance: part.variance / slopeAt(law, lengths[nearest]!) ** 2,
    })),
  };
}

/** Where the straight line between two neighbours passes zero. */
function zeroBetween(lengths: readonly number[], valueAt: (index: number) => number, index: number): number {
  const [from, to] = [valueAt(index), valueAt(index + 1)];
  return lengths[index]! + (from / (from - to)) * (lengths[index + 1]! - lengths[index]!);
}

/** How much the loss falls with the logarithm of the length. */
function slopeAt({ b, beta }: PowerLaw, n: number): number {
  return b * beta * n ** -beta;
}

/** Lengths at which a training diverged are in no curve. */
function tableOf({ budgets }: BudgetCurve, seeds: readonly number[]): LossTable {
  const rows = budgets.map((budget) => ({
    length: budget.steps,
    losses: seeds.map((seed) => runOf(budget, seed).loss),
  }));
  const finite = rows.filter(({ losses }) => losses.every(Number.isFinite));
  return { lengths: finite.map(({ length }) => length), losses: finite.map(({ losses }) => losses) };
}
