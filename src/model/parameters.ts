import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { createHash } from 'node:crypto';
import type { ParameterInfo, ParameterRole } from '../optim/optimizer.js';
import type { ModelConfig } from './config.js';

/** The initial values of a parameter: all ones, or normal with mean 0 and this standard deviation. */
export type InitialValue = 'ones' | { readonly std: number };

export interface Parameter extends ParameterInfo {
  readonly initial: InitialValue;
}

/**
 * The model's parameters in checkpoint order. Linear weights are [out, in].
 * Initial values are GPT-2's: normal(0, 0.02), the projections into the residual stream divided by √(2·layers).
 */
export function modelParameters(model: ModelConfig, vocabSize: number): Parameter[] {
  const { n_layer, d_model: d, context } = model;
  const std = 0.02;
  const normal = { std };
  const residual = { std: std / Math.sqrt(2 * n_layer) };
  const define = (name: string, shape: number[], role: ParameterRole, initial: InitialValue): Parameter => ({
    name: `${name}.weight`,
    shape,
    role,
    initial,
  });
  const norm = (name: string) => define(name, [d], 'vector', 'ones');
  const matrix = (name: string, shape: number[], initial: InitialValue = normal) =>
    define(name, shape, 'matrix', initial);

  const block = (i: number): Parameter[] => {
    const name = (part: string) => `blocks.${i}.${part}`;
    return [
      norm(name('norm1')),
      ...(model.fused_qkv
        ? [matrix(name('attn.qkv'), [3 * d, d])]
        : ['attn.q', 'attn.k', 'attn.v'].map((part) => matrix(name(part), [d, d]))),
      ...(model.qk_norm ? [norm(name('attn.q_norm')), norm(name('attn.k_norm'))] : []),
      matrix(name('attn.out'), [d, d], residual),
      norm(name('norm2')),
      matrix(name('mlp.up'), [4 * d, d]),
      matrix(name('mlp.down'), [d, 4 * d], residual),
    ];
  };

  return [
    define('embed', [vocabSize, d], 'embedding', normal),
    ...(model.positions === 'learned' ? [define('position', [context, d], 'embedding', normal)] : []),
    ...Array.from({ length: n_layer }, (_, i) => block(i)).flat(),
    norm('norm'),
    ...(model.tie_embeddings ? [] : [define('head', [vocabSize, d], 'head', normal)]),
  ];
}

/** Counts trainable values: all of them, and those outside token and position embeddings and head. */
export function parameterCounts(parameters: readonly ParameterInfo[]): { total: number; nonEmbedding: number } {
  const count = (some: readonly ParameterInfo[]) => some.reduce((sum, { shape }) => sum + size(shape), 0);
  return {
    total: count(parameters),
    nonEmbedding: count(parameters.filter(({ role }) => role === 'matrix' || role === 'vector')),
  };
}

/**
 * Initial values of one parameter, the same on every engine. Each parameter has its own random stream, seeded by the seed
 * and its name, so that adding a parameter does not change the others.
 */
export function initialValues({ name, shape, initial }: Parameter, seed: number): Float32Array {
  const values = new Float32Array(size(shape));
  if (initial === 'ones') return values.fill(1);
  const random = xoroshiro128plus(streamSeed(seed, name));
  for (let i = 0; i < values.length; i += 2) {
    // Box–Muller: two independent normals from two uniforms; 1 − u keeps the logarithm finite.
    const radius = initial.std * Math.sqrt(-2 * Math.log(1 - uniformFloat64(random)));
    const angle = 2 * Math.PI * uniformFloat64(random);
    values[i] = radius * Math.cos(angle);
    if (i + 1 < values.length) values[i + 1] = radius * Math.sin(angle);
  }
  return values;
}

function streamSeed(seed: number, name: string): number {
  return createHash('sha256').update(`${seed}/${name}`).digest().readInt32LE(0);
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}
