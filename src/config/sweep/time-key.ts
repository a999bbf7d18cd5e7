import type { Choice } from './expand.js';
import { configDigest } from '../digest.js';
import type { ExperimentConfig, OptimizerConfig, TrainConfig } from '../schema.js';

/*
 * What cannot change how long a training step takes. An update reads these options as coefficients, whatever they are; the
 * others (how often and how it refreshes, which tensors and sides it works on) make other steps and stay.
 */
const coefficients: readonly string[] = [
  ...['lr', 'betas', 'eps', 'epsilon', 'shampoo_beta', 'grafting_beta2', 'grafting_eps', 'max_refresh_failures'],
  ...['auxiliary_betas', 'auxiliary_weight_decay'],
];

const lengths: readonly string[] = [
  ...['steps', 'schedule', 'eval_every', 'eval_tokens', 'log_every', 'max_loss', 'stop_at_target'],
  ...['checkpoint_every', 'keep_checkpoints'],
];

/** Names a setting after everything that can change how long its steps take: `soap-3f2a9c1b04`. */
export function timeKey(config: ExperimentConfig): string {
  const own = Object.values(config.optimizers)[0]!;
  const kept = Object.entries(own).filter(([key]) => !coefficients.includes(key));
  // Without decay, or without clipping, a step can do less; how much of it there is makes no difference.
  const { weight_decay, auxiliary_lr } = own;
  const whether = {
    ...(typeof weight_decay === 'number' && { weight_decay: Math.sign(weight_decay) }),
    ...(typeof auxiliary_lr === 'number' && { auxiliary_lr: 1 }),
  };
  const optimizer: OptimizerConfig = { ...Object.fromEntries(kept), ...whether, optimizer: own.optimizer, lr: 1 };
  const optimizers = { [own.optimizer]: optimizer };
  return `${own.optimizer}-${configDigest({ ...config, seed: 0, train: timedPart(config.train), optimizers })}`;
}

/** How many tokens a step takes, in which parts, and whether it clips. */
function timedPart(train: TrainConfig): TrainConfig {
  const fixed = { steps: 1, eval_every: 1, eval_tokens: 1, log_every: 1, max_loss: null, stop_at_target: false };
  const grad_clip = train.grad_clip === null ? null : 1;
  return { ...train, ...fixed, grad_clip, schedule: { name: 'constant', warmup_steps: 0 } };
}

/** Whether a choice can make a setting's steps take longer than those of another setting. */
export function concernsTime({ key }: Choice): boolean {
  const [group, ...rest] = key.split('.');
  if (group === 'optimizers') return !coefficients.includes(rest[1] ?? '');
  return group === 'train' ? !lengths.includes(rest[0] ?? '') : group !== 'seed';
}
