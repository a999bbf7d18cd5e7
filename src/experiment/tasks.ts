import { createHash } from 'node:crypto';
import type { Choice, Variant } from '../config/expand.js';
import { settingText } from '../config/setting-text.js';
import type { ExperimentConfig } from '../config/schema.js';
import type { PlannedRun } from './plan.js';

/** A training of a sweep: a run whose folder is named after what it computes. */
export interface Task extends PlannedRun {
  /** The same for the same numbers, whatever labels and experiments are called. */
  readonly id: string;
  /** The label among the experiment's optimizers. */
  readonly optimizer: string;
  readonly choices: readonly Choice[];
  readonly seed: number;
}

/** The tasks of a sweep, those of the baseline first; settings that come to the same are one task. */
export function planTasks(variants: readonly Variant[], baseline: string): Task[] {
  const tasks = variants.map(({ label, choices, config }): Task => {
    const { seed } = config;
    const title = [settingText(label, choices), `seed=${seed}`].join(' ');
    return { label: title, id: taskId(config), optimizer: label, choices, seed, config };
  });
  const once = [...new Map(tasks.map((task) => [`${task.optimizer} ${task.id}`, task])).values()];
  const isBaseline = ({ optimizer }: Task) => optimizer === baseline;
  return [...once.filter(isBaseline), ...once.filter((task) => !isBaseline(task))];
}

/**
 * Names a training after everything that decides its numbers: `soap-3f2a9c1b04`. Labels, the experiment's name and what is
 * kept for resuming do not count, nor does the target as long as no run ends at it.
 * @param config With a single optimizer.
 */
export function taskId(config: ExperimentConfig): string {
  const options = Object.values(config.optimizers)[0]!;
  const train = without(config.train, ['checkpoint_every', 'keep_checkpoints']);
  const target = config.train.stop_at_target ? config.target : undefined;
  const content = { ...without(config, ['name', 'baseline', 'optimizers']), train, target, options };
  const digest = createHash('sha256').update(canonicalJson(content)).digest('hex');
  return `${options.optimizer}-${digest.slice(0, 10)}`;
}

function without(record: object, keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)));
}

/** JSON that does not depend on the order in which keys were written. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
