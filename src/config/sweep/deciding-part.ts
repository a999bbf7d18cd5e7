import type { ExperimentConfig } from '../schema.js';

/**
 * What of a training's configuration decides its numbers. Labels, the experiment's name and what is written besides do not,
 * nor does the target as long as no run ends at it.
 * @param config With a single optimizer, whose options come without their label.
 */
export function decidingPart(config: ExperimentConfig): Record<string, unknown> {
  const options = Object.values(config.optimizers)[0]!;
  const train = without(config.train, ['checkpoint_every', 'keep_checkpoints']);
  const target = config.train.stop_at_target ? config.target : undefined;
  const data = without(config.data, ['allow_duplicates']);
  return { ...without(config, ['name', 'baseline', 'tensorboard', 'optimizers']), data, train, target, options };
}

function without(record: object, keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)));
}
