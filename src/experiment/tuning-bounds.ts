import { grown, type Axis } from '../tuning/axis.js';
import { admits } from '../tuning/setting.js';
import type { Tuning, Values } from '../tuning/tuning.js';
import { planner, tasksOf, type LossOf, type ExperimentPlan } from './rounds.js';
import type { Task } from './tasks.js';

/** The tasks of an experiment with tunings, before it is known which settings win. */
export interface TuningBounds {
  /** When every winner is inside of its grid. */
  readonly least: readonly Task[];
  /** When every grid grows as far as it may. */
  readonly most: readonly Task[];
}

/** Goes through the whole tuning twice, with losses that are known and otherwise made up. */
export function tuningBounds(plan: ExperimentPlan, lossOf: LossOf): TuningBounds {
  return { least: played(plan, lossOf, distanceFromMiddle), most: played(plan, lossOf, distanceFromOutside) };
}

function played(
  plan: ExperimentPlan,
  lossOf: LossOf,
  madeUp: (tuning: Tuning, values: Values) => number,
): readonly Task[] {
  const roundOf = planner(plan);
  const known = new Map<string, number>();
  for (;;) {
    const round = roundOf((id) => lossOf(id) ?? known.get(id));
    const before = known.size;
    for (const { tuning, trials } of round.tunings) {
      for (const { task, values } of trials) {
        if (lossOf(task.id) === undefined) known.set(task.id, madeUp(tuning, values));
      }
    }
    if (known.size === before) return tasksOf(round);
  }
}

/** Lowest in the middle of the grid. */
function distanceFromMiddle(tuning: Tuning, values: Values): number {
  return sumOver(tuning, values, (value, numbers) => {
    const rank = value < Math.min(...numbers) ? -1 : numbers.filter((number) => number < value).length;
    return Math.abs(rank - Math.floor(numbers.length / 2));
  });
}

/** Lower and lower in the direction in which the grid can grow. */
function distanceFromOutside(tuning: Tuning, values: Values): number {
  return sumOver(tuning, values, (value, numbers, key) => {
    const axis: Axis = { key, values: numbers, added: 0 };
    const upwards = grown(axis, 'largest', (next) => admits(tuning, { [key]: next })) !== undefined;
    return upwards ? -value : value;
  });
}

function sumOver(
  { grid }: Tuning,
  values: Values,
  loss: (value: number, numbers: number[], key: string) => number,
): number {
  return grid.reduce((sum, { key, values: tried }) => {
    const numbers = tried.filter((value) => typeof value === 'number');
    const value = values[key];
    return typeof value === 'number' && numbers.length > 1 ? sum + loss(value, numbers, key) : sum;
  }, 0);
}
