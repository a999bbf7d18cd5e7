import { taskId } from '../config/digest.js';
import type { Variant } from '../config/sweep/expand.js';
import { settingText } from '../config/setting-text.js';
import type { ListedTask } from '../results/read-sweep.js';
import type { PlannedRun } from './plan.js';

/** A training of a sweep: a run whose id is made of what it computes, the same whatever labels and experiments are called. */
export interface Task extends PlannedRun, ListedTask {}

/** The tasks of a sweep, those of the baseline first; settings that come to the same are one task. */
export function planTasks(variants: readonly Variant[], baseline: string): Task[] {
  const tasks = variants.map(({ label, choices, config }) =>
    taskOf({ id: taskId(config), optimizer: label, choices, seed: config.seed, config }),
  );
  const once = [...new Map(tasks.map((task) => [`${task.optimizer} ${task.id}`, task])).values()];
  const isBaseline = ({ optimizer }: Task) => optimizer === baseline;
  return [...once.filter(isBaseline), ...once.filter((task) => !isBaseline(task))];
}

/** A task with the name that it has on the screen: `soap precondition_frequency=5 seed=0`. */
export function taskOf(listed: ListedTask): Task {
  return { ...listed, label: `${settingText(listed.optimizer, listed.choices)} seed=${listed.seed}` };
}
