import { describe, expect, it } from 'vitest';
import { loadExperiment } from '../../../src/config/load.js';
import type { ExperimentConfig } from '../../../src/config/schema.js';
import { concernsTime, timeKey } from '../../../src/config/sweep/time-key.js';

const files = ['test/config/overridden.yaml'];
const single = (...overrides: string[]): ExperimentConfig =>
  loadExperiment({ files, overrides: ['~optimizers.adamw', ...overrides] });

describe('what a step time is known by', () => {
  it.each([
    'seed=3',
    'name=other',
    'train.steps=5',
    'train.eval_every=5',
    'train.schedule={name: constant}',
    'train.grad_clip=0.5',
    'train.checkpoint_every=null',
    'target=3',
    'tensorboard=true',
    'optimizers.soap.lr=0.1',
    'optimizers.soap.betas=[0.9,0.99]',
    'optimizers.soap.eps=1e-6',
    'optimizers.soap.weight_decay=0.5',
    'optimizers.soap.shampoo_beta=0.9',
  ])('stays with %s', (word) => {
    expect(timeKey(single(word))).toBe(timeKey(single()));
  });

  it('stays with another label', () => {
    const mine = single('~optimizers.soap', 'optimizers.mine={optimizer: soap, preset: soap}');
    expect(timeKey(mine)).toBe(timeKey(single()));
  });

  it.each([
    'optimizers.soap.precondition_frequency=7',
    'optimizers.soap.one_sided=true',
    'optimizers.soap.weight_decay=0',
    'optimizers.soap.auxiliary_lr=0.01',
    'train.batch_tokens=256',
    'train.microbatch_tokens=512',
    'train.grad_clip=null',
    'model.context=32',
    'data.vocab_size=1024',
    'precision=bfloat16',
    'engine=wasm',
    'threads=1',
  ])('changes with %s', (word) => {
    expect(timeKey(single(word))).not.toBe(timeKey(single()));
  });

  it('changes with the number of microbatches', () => {
    expect(timeKey(single('train.batch_tokens=2048', 'train.microbatch_tokens=1024'))).not.toBe(timeKey(single()));
  });

  it('says which of the choices of a sweep it depends on', () => {
    const keys = ['optimizers.soap.lr', 'train.steps', 'optimizers.soap.precondition_frequency', 'train.batch_tokens'];
    expect(keys.filter((key) => concernsTime({ key, value: 1 }))).toEqual(keys.slice(2));
  });
});
