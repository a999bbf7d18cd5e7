/** Shape and options of a model, under the names the YAML uses; see docs/config.md. */
export interface ModelConfig {
  readonly n_layer: number;
  readonly d_model: number;
  readonly n_head: number;
  /** Tokens a sequence. */
  readonly context: number;
  readonly qk_norm: boolean;
  readonly positions: 'rope' | 'learned';
  readonly tie_embeddings: boolean;
  readonly fused_qkv: boolean;
  /** Coefficient of mean(logsumexp(logits)²) in the training loss. */
  readonly z_loss: number;
}
