import type { RunConfig } from '../run-config.js';

/**
 * What of a run's configuration decides its numbers. Labels, the experiment's name and what is written besides do not,
 * nor does the target as long as no run ends at it.
 */
export function decidingPart(config: RunConfig): Record<string, unknown> {
  const options = { optimizer: config.optimizer, ...config.options };
  const train = without(config.train, ['checkpoint_every', 'keep_checkpoints']);
  const target = config.train.stop_at_target ? config.target : undefined;
  const data = without(config.data, ['allow_duplicates']);
  return { ...without(config, ['name', 'label', 'tensorboard', 'optimizer']), data, train, target, options };
}

function without(record: object, keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)));
}
