import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseExperiment } from '../../src/config/load.js';
import { modelSchema, type ModelConfig } from '../../src/model/config.js';
import { initialValues, modelParameters, parameterCounts, type Parameter } from '../../src/model/parameters.js';

function preset(name: string, scale?: string): ModelConfig {
  return parseExperiment({
    model: { preset: name, scale },
    train: { steps: 10, batch_tokens: 1024, eval_every: 5, eval_tokens: 1024 },
    optimizers: { adamw: {} },
  }).model;
}

const small = (words: object = {}) => modelSchema.parse({ n_layer: 2, d_model: 8, n_head: 2, context: 5, ...words });
const names = (model: ModelConfig) => modelParameters(model, 11).map(({ name }) => name);

describe('modelParameters', () => {
  it.each([
    ['210m', undefined, 217],
    ['360m', undefined, 368],
    ['660m', undefined, 661],
    ['360m', '1/8', undefined],
    ['660m', '1/4', undefined],
  ])('%s at scale %s has 12·d²·layers + 2·vocabulary·d values, and its norms', (name, scale, millions) => {
    const vocabulary = 32128; // the paper's
    const model = preset(name, scale);
    const { d_model: d, n_layer } = model;
    const norms = (4 * n_layer + 1) * d;
    const { total, nonEmbedding } = parameterCounts(modelParameters(model, vocabulary));
    expect(nonEmbedding).toBe(12 * d * d * n_layer + norms);
    expect(total).toBe(nonEmbedding + 2 * vocabulary * d);
    if (millions !== undefined) expect(Math.round((total - norms) / 1e6)).toBe(millions);
  });

  it('names parameters as the checkpoint does, in its order', () => {
    expect(names(small({ n_layer: 1 }))).toEqual([
      'embed.weight',
      'blocks.0.norm1.weight',
      'blocks.0.attn.qkv.weight',
      'blocks.0.attn.q_norm.weight',
      'blocks.0.attn.k_norm.weight',
      'blocks.0.attn.out.weight',
      'blocks.0.norm2.weight',
      'blocks.0.mlp.up.weight',
      'blocks.0.mlp.down.weight',
      'norm.weight',
      'head.weight',
    ]);
  });

  it('follows the options', () => {
    const plain = parameterCounts(modelParameters(small(), 11));
    const counts = (words: object) => parameterCounts(modelParameters(small(words), 11));
    expect(counts({ tie_embeddings: true })).toEqual({ ...plain, total: plain.total - 11 * 8 });
    expect(counts({ positions: 'learned' })).toEqual({ ...plain, total: plain.total + 5 * 8 });
    expect(counts({ fused_qkv: false })).toEqual(plain);
    expect(counts({ qk_norm: false }).total).toBe(plain.total - 2 * 2 * 8);
    expect(names(small({ tie_embeddings: true }))).not.toContain('head.weight');
    expect(names(small({ fused_qkv: false }))).toContain('blocks.1.attn.v.weight');
    const roles = Object.fromEntries(modelParameters(small({ positions: 'learned' }), 11).map((p) => [p.name, p.role]));
    expect(roles).toMatchObject({
      'embed.weight': 'embedding',
      'position.weight': 'embedding',
      'head.weight': 'head',
      'norm.weight': 'vector',
      'blocks.0.mlp.up.weight': 'matrix',
    });
  });
});

describe('initialValues', () => {
  const find = (name: string, model = small()): Parameter =>
    modelParameters(model, 11).find((parameter) => parameter.name === name)!;
  const hashOf = (values: Float32Array) => createHash('sha256').update(values).digest('hex').slice(0, 16);

  it('are what they were: results of other days depend on them', () => {
    expect(hashOf(initialValues(find('embed.weight'), 0))).toBe('78ea50bf415fa998');
    expect(hashOf(initialValues(find('blocks.1.mlp.down.weight'), 7))).toBe('f9799742f3c2830a');
  });

  it('differ between seeds and between parameters, and not otherwise', () => {
    const embed = find('embed.weight');
    const head = find('head.weight');
    const hashes = [initialValues(embed, 0), initialValues(embed, 1), initialValues(head, 0)].map(hashOf);
    expect(new Set(hashes).size).toBe(3);
    const other = find('embed.weight', small({ n_layer: 3, positions: 'learned' }));
    expect(hashOf(initialValues(other, 0))).toBe(hashes[0]);
  });

  it('are normal with the standard deviations of GPT-2, norms one', () => {
    const model = small({ n_layer: 8, d_model: 64 });
    const moments = (name: string) => {
      const values = initialValues(find(name, model), 0);
      const mean = values.reduce((a, b) => a + b, 0) / values.length;
      const central = (power: number) => values.reduce((sum, x) => sum + (x - mean) ** power, 0) / values.length;
      return { mean, std: Math.sqrt(central(2)), kurtosis: central(4) / central(2) ** 2 };
    };
    const up = moments('blocks.0.mlp.up.weight');
    expect(up.mean).toBeCloseTo(0, 3);
    expect(up.std / 0.02).toBeCloseTo(1, 1);
    expect(up.kurtosis).toBeCloseTo(3, 0);
    expect(moments('blocks.0.attn.out.weight').std / (0.02 / 4)).toBeCloseTo(1, 1); // √(2·8) = 4
    expect(moments('blocks.7.mlp.down.weight').std / (0.02 / 4)).toBeCloseTo(1, 1);
    expect(new Set(initialValues(find('norm.weight', model), 0))).toEqual(new Set([1]));
  });
});
