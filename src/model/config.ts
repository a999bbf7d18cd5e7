import { z } from 'zod';
import { whole } from '../whole.js';

/** Shape and options of the model. Upper bounds are far beyond any model that can be trained here. */
export const modelSchema = z.strictObject({
  n_layer: whole(1, 10_000).describe('Transformer blocks.'),
  d_model: whole(1, 2 ** 17).describe('Width of the residual stream; a multiple of `n_head`.'),
  n_head: whole(1).describe('Attention heads; the head size `d_model / n_head` is even with rotary positions.'),
  context: whole(1, 2 ** 24).describe('Tokens a sequence holds.'),
  qk_norm: z.boolean().default(true).describe('LayerNorm on queries and keys, as in the SOAP paper.'),
  positions: z.enum(['rope', 'learned']).default('rope').describe('Rotary positions, or a learned table.'),
  tie_embeddings: z.boolean().default(false).describe('Use the embedding as the output head too.'),
  fused_qkv: z.boolean().default(true).describe('One matrix [3 d, d] for queries, keys and values, or three [d, d].'),
  z_loss: z.number().min(0).default(1e-4).describe('Weight of the mean square of log Z, added to the training loss.'),
});

export type ModelConfig = z.output<typeof modelSchema>;
