import { tensor, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { describe, it } from 'vitest';
import { modelSchema, type ModelConfig } from '../../src/model/config.js';
import { gptLogits } from '../../src/model/gpt.js';
import { modelParameters } from '../../src/model/parameters.js';
import { expectAllClose, expectDifferent } from '../support/allclose.js';
import { gptLogits64 } from '../support/gpt-float64.js';
import { normals, wholes } from '../support/random.js';

const vocabulary = 11;
const batch = 2;
const context = 5;

const modelWith = (words: object): ModelConfig =>
  modelSchema.parse({ n_layer: 2, d_model: 8, n_head: 2, context, ...words });

/** Weights of order 1, so that every part of the model matters. */
const weightsOf = (model: ModelConfig) =>
  Object.fromEntries(
    modelParameters(model, vocabulary).map(({ name, shape }) => [
      name,
      {
        shape: [...shape],
        values: normals(
          name,
          shape.reduce((a, b) => a * b, 1),
        ).map((value) => 0.5 * value),
      },
    ]),
  );

function logitsOf(model: ModelConfig, tokens: Int32Array, time = context): Float32Array {
  return tidy(() => {
    const weights = Object.fromEntries(
      Object.entries(weightsOf(model)).map(([name, { shape, values }]) => [name, tensor(values, shape)]),
    );
    return gptLogits(model, weights, tensor2d(tokens, [tokens.length / time, time], 'int32')).dataSync<'float32'>();
  });
}

export function gptSuite(): void {
  describe('gptLogits', () => {
    const tokens = wholes('tokens', batch * context, vocabulary);

    it.each([
      ['as in the paper', {}],
      ['without qk_norm', { qk_norm: false }],
      ['learned positions', { positions: 'learned' }],
      ['tied embeddings', { tie_embeddings: true }],
      ['queries, keys and values apart', { fused_qkv: false }],
      ['one head, one layer', { n_head: 1, n_layer: 1 }],
    ])('%s, against float64', (_name, words) => {
      const model = modelWith(words);
      const values = Object.fromEntries(Object.entries(weightsOf(model)).map(([name, { values }]) => [name, values]));
      const expected = [0, 1].flatMap((sequence) =>
        gptLogits64(model, values, Array.from(tokens.slice(sequence * context, (sequence + 1) * context))),
      );
      expectAllClose(logitsOf(model, tokens), expected.flat(), 2e-5);
    });

    it.each([['rope'], ['learned']])('is causal with %s: a later token changes no earlier logits', (positions) => {
      const model = modelWith({ positions });
      const changed = tokens.slice();
      changed[3] = (changed[3]! + 1) % vocabulary; // the fourth token of the first sequence
      const [before, after] = [logitsOf(model, tokens), logitsOf(model, changed)];
      const part = (x: Float32Array, from: number, to: number) => x.slice(from * vocabulary, to * vocabulary);
      expectAllClose(part(after, 0, 3), part(before, 0, 3), 1e-6);
      expectDifferent(part(after, 3, 4), part(before, 3, 4), 1e-2);
      expectDifferent(part(after, 4, 5), part(before, 4, 5), 1e-3);
      expectAllClose(part(after, 5, 10), part(before, 5, 10), 1e-6);
    });

    it('takes sequences shorter than the context', () => {
      const model = modelWith({ positions: 'learned' });
      const short = logitsOf(model, tokens.slice(0, 3), 3);
      expectAllClose(short, logitsOf(model, tokens).slice(0, 3 * vocabulary), 1e-5);
    });
  });
}
