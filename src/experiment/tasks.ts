import { taskId } from '../config/digest.js';
import { runConfigs } from '../config/run-config.js';
import type { ExperimentConfig } from '../config/schema.js';
import type { Variant } from '../config/sweep/expand.js';
import { settingText } from '../config/setting-text.js';
import type { ListedTask } from '../results/tasks.js';
import type { PlannedRun } from './planned-run.js';

/** A run that is planned, with its place in the experiment: the optimizer's label, what was chosen for it, its seed. */
export interface Task extends PlannedRun, ListedTask {}

/** The runs of an experiment without lists: one for each label, which is also its id. The baseline's comes first. */
export function planRuns(config: ExperimentConfig): Task[] {
  const tasks = runConfigs(config).map((run) => ({
    id: run.label,
    label: run.label,
    optimizer: run.label,
    choices: [],
    seed: run.seed,
    config: run,
  }));
  return baselineFirst(tasks, config.baseline);
}

/**
 * The tasks of a sweep, those of the baseline first; settings that come to the same are one task. A task's id is made of what
 * it computes: the same whatever labels and experiments are called.
 */
export function planTasks(variants: readonly Variant[], baseline: string): Task[] {
  const tasks = variants.map(({ label, choices, config }) =>
    taskOf({ id: taskId(config), optimizer: label, choices, seed: config.seed, config }),
  );
  const once = [...new Map(tasks.map((task) => [`${task.optimizer} ${task.id}`, task])).values()];
  return baselineFirst(once, baseline);
}

/** A task with the name that it has on the screen: `soap precondition_frequency=5 seed=0`. */
export function taskOf(listed: ListedTask): Task {
  return { ...listed, label: `${settingText(listed.optimizer, listed.choices)} seed=${listed.seed}` };
}

/** The baseline's tasks first: its final loss is what the others are compared with. */
export function baselineFirst(tasks: readonly Task[], baseline: string): Task[] {
  const isBaseline = ({ optimizer }: Task) => optimizer === baseline;
  return [...tasks.filter(isBaseline), ...tasks.filter((task) => !isBaseline(task))];
}
