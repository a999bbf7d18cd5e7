import type { ModelConfig } from '../../src/model/config.js';

export type Weights64 = Readonly<Record<string, ArrayLike<number>>>;

/*
 * The model in plain loops over float64 numbers, written from its description and independently of src/model. Slow; for
 * shapes of a few numbers.
 */

/** x [n, in] times Wᵀ [in, out]. */
export function linear64(x: readonly number[][], W: ArrayLike<number>): number[][] {
  return x.map((row) =>
    Array.from({ length: W.length / row.length }, (_, out) =>
      row.reduce((sum, value, i) => sum + value * W[out * row.length + i]!, 0),
    ),
  );
}

export function layerNorm64(row: readonly number[], weight: ArrayLike<number>): number[] {
  const mean = row.reduce((a, b) => a + b, 0) / row.length;
  const variance = row.reduce((sum, x) => sum + (x - mean) ** 2, 0) / row.length;
  return row.map((x, i) => ((x - mean) / Math.sqrt(variance + 1e-5)) * weight[i]!);
}

export function gelu64(x: number): number {
  return 0.5 * x * (1 + erf64(x / Math.SQRT2));
}

/** By its Taylor series, exact to rounding for |x| < 4. */
function erf64(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 120; n++) {
    term *= -(x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

/** Turns the pairs (i, i + size/2) of a head's vector by position · 10000^(−2i/size). */
export function rotate64(x: readonly number[], position: number): number[] {
  const half = x.length / 2;
  return x.map((value, i) => {
    const angle = position * 10000 ** ((-2 * (i % half)) / x.length);
    return i < half
      ? value * Math.cos(angle) - x[i + half]! * Math.sin(angle)
      : value * Math.cos(angle) + x[i - half]! * Math.sin(angle);
  });
}

/** Attention of one head over q, k, v [T, D]. */
export function attention64(q: readonly number[][], k: readonly number[][], v: readonly number[][]): number[][] {
  return q.map((query, t) => {
    const scores = k
      .slice(0, t + 1)
      .map((key) => key.reduce((sum, x, i) => sum + x * query[i]!, 0) / Math.sqrt(key.length));
    const weights = scores.map((score) => Math.exp(score));
    const total = weights.reduce((a, b) => a + b, 0);
    return query.map((_, i) => weights.reduce((sum, w, s) => sum + (w / total) * v[s]![i]!, 0));
  });
}

/** Logits [T, vocabulary] of one sequence. */
export function gptLogits64(model: ModelConfig, weights: Weights64, tokens: readonly number[]): number[][] {
  const { d_model: d, n_head, n_layer } = model;
  const W = (name: string) => weights[`${name}.weight`]!;
  const rowOf = (table: ArrayLike<number>, row: number) => Array.from({ length: d }, (_, i) => table[row * d + i]!);
  const plus = (a: readonly number[][], b: readonly number[][]) =>
    a.map((row, t) => row.map((value, i) => value + b[t]![i]!));
  let x = tokens.map((token, t) => {
    const embedded = rowOf(W('embed'), token);
    return model.positions === 'learned' ? plus([embedded], [rowOf(W('position'), t)])[0]! : embedded;
  });
  const norm = (rows: readonly number[][], name: string) => rows.map((row) => layerNorm64(row, W(name)));
  for (let layer = 0; layer < n_layer; layer++) {
    const at = (part: string) => `blocks.${layer}.${part}`;
    const input = norm(x, at('norm1'));
    const projected = model.fused_qkv
      ? [0, 1, 2].map((part) => linear64(input, W(at('attn.qkv'))).map((row) => row.slice(part * d, (part + 1) * d)))
      : ['attn.q', 'attn.k', 'attn.v'].map((part) => linear64(input, W(at(part))));
    const normed = (rows: number[][], name: string) => (model.qk_norm ? norm(rows, at(name)) : rows);
    const q = normed(projected[0]!, 'attn.q_norm');
    const k = normed(projected[1]!, 'attn.k_norm');
    const v = projected[2]!;
    const size = d / n_head;
    const mixed = tokens.map((): number[] => []);
    for (let head = 0; head < n_head; head++) {
      const part = (rows: readonly number[][]) => rows.map((row) => row.slice(head * size, (head + 1) * size));
      const turned = (rows: readonly number[][]) => (model.positions === 'rope' ? rows.map(rotate64) : rows);
      attention64(turned(part(q)), turned(part(k)), part(v)).forEach((row, t) => mixed[t]!.push(...row));
    }
    x = plus(x, linear64(mixed, W(at('attn.out'))));
    const hidden = linear64(norm(x, at('norm2')), W(at('mlp.up'))).map((row) => row.map(gelu64));
    x = plus(x, linear64(hidden, W(at('mlp.down'))));
  }
  return linear64(norm(x, 'norm'), W(model.tie_embeddings ? 'embed' : 'head'));
}
