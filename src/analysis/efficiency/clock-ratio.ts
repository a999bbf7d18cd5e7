import { logEstimate, type LogEstimate } from '../../statistics/error-parts.js';
import { mean } from '../../statistics/mean.js';
import { ratioOfRounds } from '../over-baseline.js';
import type { Budget, BudgetCurve, BudgetRun } from './budgets.js';

/**
 * The step time of an optimizer over the baseline's, as a logarithm. Where steps were timed apart, rounds are what it varies
 * with, each compared with itself, so that what slowed a whole round down drops out; else seeds are.
 * NaN when a training was too short for a step time.
 */
export function stepTimeRatio(curve: BudgetCurve, baseline: BudgetCurve, seeds: readonly number[]): LogEstimate {
  const [own, base] = [roundsOf(curve), roundsOf(baseline)];
  if (own.length > 0 && own.length === base.length) return ratioOfRounds(own, base).log;
  const stepMs = ({ budgets }: BudgetCurve, seed: number) =>
    mean(budgets.map((budget) => runOf(budget, seed).step_ms ?? NaN));
  return logEstimate(
    seeds.map((seed) => stepMs(curve, seed) / stepMs(baseline, seed)),
    'seeds',
  );
}

/** What really went by up to these steps over what went by in the baseline, seed by seed. */
export function elapsedRatio(
  { curve, steps }: { curve: BudgetCurve; steps: number },
  base: { curve: BudgetCurve; steps: number },
  seeds: readonly number[],
): LogEstimate {
  return logEstimate(
    seeds.map((seed) => elapsedAt(curve, steps, seed) / elapsedAt(base.curve, base.steps, seed)),
    'seeds',
  );
}

/** All trainings of a curve have the step time of their setting. */
function roundsOf({ budgets }: BudgetCurve): readonly number[] {
  return budgets[0]!.runs[0]!.rounds_ms;
}

/** On the straight line between the trainings of the lengths around it. */
function elapsedAt({ budgets }: BudgetCurve, steps: number, seed: number): number {
  const elapsed = (budget: Budget) => runOf(budget, seed).elapsed_s;
  const index = budgets.findIndex((budget) => budget.steps >= steps);
  const [before, after] = [budgets[index - 1], budgets[index]!];
  if (before === undefined || after.steps === steps) return elapsed(after);
  const share = (steps - before.steps) / (after.steps - before.steps);
  return elapsed(before) + share * (elapsed(after) - elapsed(before));
}

/** The training of a length with this seed; there has to be one. */
export function runOf({ runs }: Budget, seed: number): BudgetRun {
  return runs.find((run) => run.seed === seed)!;
}
