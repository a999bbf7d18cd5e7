import type { Choice } from '../config/sweep/expand.js';
import { parseExperiment } from '../config/load.js';
import type { ExperimentConfig } from '../config/schema.js';
import { SoapBenchError } from '../errors.js';
import type { Template, Tuning, Values } from './tuning.js';

/**
 * The configuration of a training with these values.
 * @throws {SoapBenchError} `config_invalid` when the optimizer does not take them.
 */
export function settingConfig(
  { label }: Pick<Tuning, 'label'>,
  { config }: Template,
  values: Values,
): ExperimentConfig {
  return parseExperiment({ ...config, optimizers: { [label]: { ...config.optimizers[label]!, ...values } } });
}

/** Whether the optimizer takes these values. */
export function admits(tuning: Tuning, values: Values): boolean {
  try {
    settingConfig(tuning, tuning.templates[0]!, values);
    return true;
  } catch (error) {
    if (error instanceof SoapBenchError) return false;
    throw error;
  }
}

/** What sets a training apart from the others of its label: what the sweep says, the values, the budget. */
export function settingChoices(
  { label, choices }: Pick<Tuning, 'label' | 'choices'>,
  { budget }: Pick<Template, 'budget'>,
  values: Values,
): Choice[] {
  const tuned = Object.entries(values).map(([key, value]) => ({ key: `optimizers.${label}.${key}`, value }));
  return [...choices, ...tuned, ...budget];
}
