import type { LoadedSweep } from '../config/load.js';
import { planTunings } from './plan-tunings.js';
import { planTasks, type Task } from './tasks.js';
import { planner, tasksOf, type TunedSweep } from './tuned-sweep.js';

/** What a sweep trains: tasks that are all known, or some that follow from what others come to. */
export type SweepPlan =
  | { readonly kind: 'sweep'; readonly name: string; readonly runs: readonly Task[] }
  | { readonly kind: 'tuned'; readonly sweep: TunedSweep };

/** The tasks and tunings of a configuration. */
export function planSweep({ config, variants = [], tuned }: LoadedSweep): SweepPlan {
  const { name, baseline } = config;
  const runs = planTasks(variants, baseline);
  if (tuned.length === 0) return { kind: 'sweep', name, runs };
  return { kind: 'tuned', sweep: { name, baseline, fixed: runs, tunings: planTunings(tuned) } };
}

/** The tasks that are known before anything has been trained. */
export function firstTasks(plan: SweepPlan): readonly Task[] {
  return plan.kind === 'sweep' ? plan.runs : tasksOf(planner(plan.sweep)(() => undefined));
}
