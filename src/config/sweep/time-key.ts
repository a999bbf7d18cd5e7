import type { Choice } from './expand.js';
import { configDigest } from '../digest.js';
import { stepTimeEffects } from '../describe.js';
import type { RunConfig } from '../run-config.js';
import { trainSchema, type TrainConfig } from '../schema.js';
import type { StepTimeEffect } from '../../optim/option-types.js';
import { optimizers, type OptimizerName } from '../../optim/registry.js';

/** Names a setting after everything that can change how long its steps take: `soap-3f2a9c1b04`. */
export function timeKey(config: RunConfig): string {
  return keyOf(config, (optimizer) => stepTimeEffects(optimizers[optimizer].options));
}

/**
 * The names that a setting can have in a file, the present one first: files are read that were written when fewer options
 * were known to leave the time alone.
 */
export function timeKeys(config: RunConfig): readonly string[] {
  return [...new Set([timeKey(config), keyOf(config, () => firstEffects)])];
}

/** What the first version of the key left out, for all optimizers alike. */
const firstEffects: ReadonlyMap<string, StepTimeEffect> = new Map<string, StepTimeEffect>([
  ...['lr', 'betas', 'eps', 'epsilon', 'shampoo_beta', 'grafting_beta2', 'grafting_eps', 'max_refresh_failures']
    .concat('auxiliary_betas', 'auxiliary_weight_decay')
    .map((key) => [key, 'none'] as const),
  ['weight_decay', 'zero'],
  ['auxiliary_lr', 'zero'],
]);

function keyOf(
  config: RunConfig,
  effectsOf: (optimizer: OptimizerName) => ReadonlyMap<string, StepTimeEffect | undefined>,
): string {
  const effects = effectsOf(config.optimizer);
  const kept = Object.entries(config.options)
    .filter(([key]) => effects.get(key) !== 'none')
    .map(([key, value]): [string, unknown] => {
      return [key, effects.get(key) === 'zero' && typeof value === 'number' ? Math.sign(value) : value];
    });
  const options = { ...Object.fromEntries(kept), lr: 1 };
  return `${config.optimizer}-${configDigest({ ...config, seed: 0, train: timedPart(config.train), options })}`;
}

/** How many tokens a step takes, in which parts, and whether it clips. */
function timedPart(train: TrainConfig): TrainConfig {
  const fixed = { steps: 1, eval_every: 1, eval_tokens: 1, log_every: 1, max_loss: null, stop_at_target: false };
  const grad_clip = train.grad_clip === null ? null : 1;
  return { ...train, ...fixed, grad_clip, schedule: { name: 'constant', warmup_steps: 0 } };
}

/** Whether a choice can make a setting's steps take longer than those of another setting of this optimizer. */
export function concernsTime({ key }: Choice, optimizer: OptimizerName): boolean {
  const [group, ...rest] = key.split('.');
  if (group === 'optimizers') return stepTimeEffects(optimizers[optimizer].options).get(rest[1] ?? '') !== 'none';
  return group === 'train' ? stepTimeEffects(trainSchema).get(rest[0] ?? '') !== 'none' : group !== 'seed';
}
