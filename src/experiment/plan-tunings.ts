import type { TunedVariant } from '../config/sweep/expand.js';
import type { Template, Tuning } from '../tuning/tuning.js';

/** The tunings of a sweep: one for each setting that has budgets and seeds in common. */
export function planTunings(tuned: readonly TunedVariant[]): Tuning[] {
  const tunings = new Map<string, Tuning & { templates: Template[] }>();
  for (const { label, choices, config, tune, hasBudget } of tuned) {
    const isBudget = (key: string) => hasBudget && key === 'train.steps';
    const own = choices.filter(({ key }) => !isBudget(key));
    const template = { budget: choices.filter(({ key }) => isBudget(key)), seed: config.seed, config };
    const key = JSON.stringify([label, own]);
    const templates = tunings.get(key)?.templates ?? [];
    templates.push(template);
    tunings.set(key, { ...tune, label, choices: own, templates });
  }
  return [...tunings.values()].map((tuning) => ({ ...tuning, templates: longestFirst(tuning.templates) }));
}

/** The order of the seeds stays. */
function longestFirst(templates: readonly Template[]): Template[] {
  return templates.toSorted((a, b) => b.config.train.steps - a.config.train.steps);
}
