import { optimizers } from '../optim/registry.js';
import { throwIfAny, type Mistake } from './mistakes.js';
import { resolve } from './resolve.js';
import { onlyRun, type RunConfig } from './run-config.js';
import type { ExperimentConfig } from './schema.js';
import { fromPlain } from './tree.js';

/**
 * Reads a configuration that soap-bench has written down complete: by its schema alone, which has defaults for keys that
 * later versions added. Presets, which may have changed since, have no part in it.
 * @throws {SoapBenchError} `config_invalid` with a line for every mistake.
 */
export function storedExperiment(value: unknown): ExperimentConfig {
  const tree = fromPlain(value, { where: '' });
  const mistakes: Mistake[] = [];
  if (tree.kind !== 'mapping') {
    mistakes.push({ place: tree.place, path: [], text: 'found no mapping, expected the keys of an experiment' });
    throwIfAny(mistakes);
  }
  const experiment = tree.kind === 'mapping' ? resolve(tree, optimizers, 'experiment', mistakes) : undefined;
  throwIfAny(mistakes);
  return experiment!;
}

/** The same for a run's. */
export function storedRun(value: unknown): RunConfig {
  return onlyRun(storedExperiment(value));
}
