import type { Choice } from '../config/sweep/expand.js';
import { storedRun } from '../config/stored.js';
import { asExperiment, type RunConfig } from '../config/run-config.js';
import { SoapBenchError } from '../errors.js';
import type { Template, Tuning, Values } from './tuning.js';

/**
 * The configuration of a run with these values.
 * @throws {SoapBenchError} `config_invalid` if the optimizer does not admit them.
 */
export function settingConfig({ config }: Template, values: Values): RunConfig {
  return storedRun(asExperiment({ ...config, options: { ...config.options, ...values } }));
}

/** Returns true if the optimizer admits these values. */
export function admits(tuning: Tuning, values: Values): boolean {
  try {
    settingConfig(tuning.templates[0]!, values);
    return true;
  } catch (error) {
    if (error instanceof SoapBenchError) return false;
    throw error;
  }
}

/** The choices that distinguish a run from others of its label: those of the sweep, the values and the budget. */
export function settingChoices(
  { label, choices }: Pick<Tuning, 'label' | 'choices'>,
  { budget }: Pick<Template, 'budget'>,
  values: Values,
): Choice[] {
  const tuned = Object.entries(values).map(([key, value]) => ({ key: `optimizers.${label}.${key}`, value }));
  return [...choices, ...tuned, ...budget];
}
