import { add, gather, split, type Tensor, type Rank, reshape, slice } from '@tensorflow/tfjs-core';
import { causalAttention, causalMask } from './attention.js';
import type { ModelConfig } from './config.js';
import { gelu, layerNorm, linear, mergeHeads, rotaryTables, rotate, splitHeads, type RotaryTables } from './layers.js';

type Weights = Readonly<Record<string, Tensor>>;

/** Tensors that all blocks share in a forward pass. */
interface Positions {
  readonly mask: Tensor;
  readonly rotary: RotaryTables | undefined;
}

/**
 * The paper's decoder-only transformer: pre-LayerNorm, QK-norm over the whole width, rotary or learned positions, exact
 * GELU, 4× MLP, no biases.
 * @param tokens int32 [B, T], T at most `context`.
 * @returns Logits [B·T, vocabulary].
 */
export function gptLogits(model: ModelConfig, weights: Weights, tokens: Tensor): Tensor {
  const [batch, time] = tokens.shape as [number, number];
  const weight = (name: string) => weights[`${name}.weight`]!;
  const positions: Positions = {
    mask: causalMask(time),
    rotary: model.positions === 'rope' ? rotaryTables(time, model.d_model / model.n_head) : undefined,
  };

  let x: Tensor = gather(weight('embed'), reshape<Rank.R1>(tokens, [batch * time])); // (B·T, d)
  if (model.positions === 'learned') {
    const table = slice(weight('position'), 0, time); // (T, d)
    x = reshape(add(reshape(x, [batch, time, model.d_model]), table), [batch * time, model.d_model]);
  }
  for (let i = 0; i < model.n_layer; i++) {
    const part = (name: string) => weight(`blocks.${i}.${name}`);
    x = add(x, attention(model, part, layerNorm(x, part('norm1')), positions));
    x = add(x, mlp(part, layerNorm(x, part('norm2'))));
  }
  return linear(layerNorm(x, weight('norm')), weight(model.tie_embeddings ? 'embed' : 'head')); // (B·T, vocabulary)
}

function attention(model: ModelConfig, part: (name: string) => Tensor, x: Tensor, { mask, rotary }: Positions): Tensor {
  const projected = model.fused_qkv
    ? split(linear(x, part('attn.qkv')), 3, -1)
    : ['attn.q', 'attn.k', 'attn.v'].map((name) => linear(x, part(name)));
  let [q, k] = projected as [Tensor, Tensor];
  const v = projected[2]!; // (B·T, d)
  if (model.qk_norm) {
    q = layerNorm(q, part('attn.q_norm'));
    k = layerNorm(k, part('attn.k_norm'));
  }
  const heads = (y: Tensor) => splitHeads(y, mask.shape[0], model.n_head); // (B, H, T, D)
  const turn = (y: Tensor) => (rotary ? rotate(y, rotary) : y);
  return linear(mergeHeads(causalAttention(turn(heads(q)), turn(heads(k)), heads(v), mask)), part('attn.out'));
}

function mlp(part: (name: string) => Tensor, x: Tensor): Tensor {
  return linear(gelu(linear(x, part('mlp.up'))), part('mlp.down'));
}
