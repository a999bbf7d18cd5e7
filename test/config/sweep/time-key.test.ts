import { describe, expect, it } from 'vitest';
import { loadExperiment } from '../../../src/config/load.js';
import { onlyRun, type RunConfig } from '../../../src/config/run-config.js';
import { schemaNode, stepTimeEffects, type SchemaNode } from '../../../src/config/describe.js';
import { concernsTime, timeKey, timeKeys } from '../../../src/config/sweep/time-key.js';
import { trainSchema } from '../../../src/config/schema.js';
import { optimizerNames, optimizers } from '../../../src/optim/registry.js';

const files = ['test/config/overridden.yaml'];
const single = (...overrides: string[]): RunConfig =>
  onlyRun(loadExperiment({ files, overrides: ['~optimizers.adamw', ...overrides] }));

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
    expect(keys.filter((key) => concernsTime({ key, value: 1 }, 'soap'))).toEqual(keys.slice(2));
  });
});

/** An experiment with this optimizer alone. */
const rival = (optimizer: string, ...options: string[]): RunConfig => {
  const overrides = options.map((option) => `optimizers.mine.${option}`);
  return single('~optimizers.soap', `optimizers.mine={optimizer: ${optimizer}}`, ...overrides);
};

describe('what the options of an optimizer say of the time of a step', () => {
  const isNumeric = (node: SchemaNode): boolean =>
    ['number', 'integer'].includes(String(node.type)) ||
    [...(node.anyOf ?? []), ...(node.oneOf ?? []), ...(node.prefixItems ?? [])].some((part) =>
      isNumeric(part as SchemaNode),
    );
  const schemas = [
    ...optimizerNames.map((name) => [name, optimizers[name].options] as const),
    ['train', trainSchema] as const,
  ];

  it.each(schemas)('is decided for every number of %s', (_name, schema) => {
    const effects = stepTimeEffects(schema);
    const numbers = Object.entries(schemaNode(schema).properties ?? {}).filter(([, node]) =>
      isNumeric(node as SchemaNode),
    );
    expect(numbers.length).toBeGreaterThan(1);
    expect(numbers.map(([key]) => key).filter((key) => effects.get(key) === undefined)).toEqual([]);
  });

  it.each([
    ['mars', 'gamma=0.05'],
    ['muon', 'momentum=0.9'],
    ['muon', 'scale=match_adamw'],
    ['galore', 'scale=0.5'],
    ['galore', 'auxiliary_lr=0.001'],
    ['sgd', 'momentum=0.5'],
    ['adafactor', 'clip_threshold=2'],
    ['ademamix', 'alpha=5'],
    ['ademamix', 'alpha_warmup=5'],
    ['kron', 'damping=1e-6'],
    ['shampoo', 'epsilon=1e-9'],
    ['schedule-free-adamw', 'warmup_steps=5'],
  ])('%s takes the same time with %s', (optimizer, option) => {
    expect(timeKey(rival(optimizer, option))).toBe(timeKey(rival(optimizer)));
  });

  it.each([
    ['muon', 'ns_steps=3'],
    ['galore', 'rank=3'],
    ['sgd', 'weight_decay=0'],
    ['adafactor', 'momentum=0'],
    ['kron', 'flat_start=3'],
    ['shampoo', 'inverse_exponent=0.3'],
    ['soap', 'refresh_tolerance=0.1'],
  ])('%s may take another time with %s', (optimizer, option) => {
    expect(timeKey(rival(optimizer, option))).not.toBe(timeKey(rival(optimizer)));
  });
});

describe('rows of earlier files', () => {
  it.each([
    // As the version before the marks named them.
    ['kron', 'kron-03a4f92744'],
    ['sgd', 'sgd-44b0706020'],
    ['muon', 'muon-ce1d6b0e3d'],
    ['galore', 'galore-cb580dca1a'],
    ['soap', 'soap-234fbcf4c5'],
  ])('are found for %s', (optimizer, key) => {
    expect(timeKeys(rival(optimizer))).toContain(key);
  });
});
