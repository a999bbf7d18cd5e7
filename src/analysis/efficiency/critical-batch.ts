import { groupBy } from '../../group-by.js';
import { mean } from '../../statistics/mean.js';
import type { Study } from '../../results/study.js';
import { budgetGroups, type BudgetCurve } from './budgets.js';
import { fewestLengths, fitPowerLaw, invertPowerLaw, type Inversion } from './power-law.js';

/** Steps that an optimizer needs at a batch size for a loss that is the same at all of them. */
export interface BatchSteps {
  readonly label: string;
  readonly batch_tokens: number;
  /** By the curve through the mean losses of its trainings; `shorter` or `longer` than all of them. */
  readonly steps: Inversion;
  /** The same by each seed's own curve. */
  readonly seeds: readonly Inversion[];
}

export interface CriticalBatch {
  /** What the baseline ends with at the smallest batch, in its longest training there. */
  readonly loss: number;
  readonly points: readonly BatchSteps[];
}

/**
 * Steps to the baseline's final loss at the smallest batch, at every batch size that has trainings of enough lengths for a
 * curve a + b·N^−β. An optimizer counts with the fastest of its settings at each batch size.
 * @returns Undefined when there are fewer than two batch sizes, or the baseline's loss is not known.
 */
export function criticalBatch(study: Study): CriticalBatch | undefined {
  const groups = budgetGroups(study).toSorted((a, b) => a.batch_tokens - b.batch_tokens);
  if (new Set(groups.map(({ batch_tokens }) => batch_tokens)).size < 2) return undefined;
  const ends = groups[0]!.curves
    .filter(({ label }) => label === study.baseline)
    .map((curve) => ({ curve, loss: mean(curve.budgets.at(-1)!.runs.map((run) => run.loss)) }));
  const end = ends.toSorted((a, b) => a.loss - b.loss)[0];
  if (end === undefined || !Number.isFinite(end.loss)) return undefined;
  // What comes to the loss by definition needs no curve, which would miss it by a little.
  const known = (curve: BudgetCurve) =>
    curve === end.curve ? { steps: curve.budgets.at(-1)!.steps, seeds: [] } : stepsOf(curve, end.loss);
  const points = groups.flatMap(({ batch_tokens, curves }) =>
    [...groupBy(curves, ({ label }) => label)].flatMap(([label, own]): BatchSteps[] => {
      const steps = own.flatMap((curve) => known(curve) ?? []);
      const fastest = steps.toSorted((a, b) => orderOf(a.steps) - orderOf(b.steps))[0];
      return fastest === undefined ? [] : [{ label, batch_tokens, ...fastest }];
    }),
  );
  return { loss: end.loss, points };
}

/** Undefined when there are too few lengths for a curve. */
function stepsOf({ budgets }: BudgetCurve, loss: number): Pick<BatchSteps, 'steps' | 'seeds'> | undefined {
  const through = (lossAt: (budget: (typeof budgets)[number]) => number): Inversion | undefined => {
    const points = budgets.map((budget) => ({ n: budget.steps, loss: lossAt(budget) }));
    const finite = points.filter((point) => Number.isFinite(point.loss));
    return finite.length < fewestLengths ? undefined : invertPowerLaw(fitPowerLaw(finite), loss);
  };
  const steps = through(({ runs }) => mean(runs.map((run) => run.loss)));
  if (steps === undefined) return undefined;
  const seeds = [...new Set(budgets.flatMap(({ runs }) => runs.map(({ seed }) => seed)))];
  const bySeed = seeds.map((seed) => through(({ runs }) => runs.find((run) => run.seed === seed)?.loss ?? NaN));
  return { steps, seeds: bySeed.filter((one) => one !== undefined) };
}

function orderOf(steps: Inversion): number {
  if (steps === 'shorter') return 0;
  return steps === 'longer' ? Infinity : steps;
}
