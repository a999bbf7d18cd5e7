import {
  add,
  addN,
  concat,
  customGrad,
  matMul,
  mul,
  slice,
  softmax,
  sub,
  sum,
  tensor2d,
  type Tensor,
  type Tensor2D,
} from '@tensorflow/tfjs-core';
import type { Save } from './layers.js';

/** A mask [T, T] that hides later positions when added to scores: 0 on and below the diagonal, very negative above it. */
export function causalMask(context: number): Tensor2D {
  const values = Float32Array.from({ length: context * context }, (_, index) =>
    index % context > Math.floor(index / context) ? -1e9 : 0,
  );
  return tensor2d(values, [context, context]);
}

// Smaller blocks skip more, but their products are slower: 64 gained nothing at contexts of 128 and 256.
const fastestBlockSize = 128;

/**
 * Causal softmax attention over q, k, v [B, H, T, D]. Each position sees itself and earlier ones.
 *
 * Queries are taken `blockSize` at a time, each block with the keys up to its end, so that keys later than the whole block
 * are neither computed nor stored. The gradient is explicit: with the weights P and the result O, dS = P∘(dP − Σ dO∘O).
 * This sums D numbers per position, while TensorFlow.js's softmax gradient takes two more passes over all T × T.
 */
export function causalAttention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor, blockSize = fastestBlockSize): Tensor {
  const scale = 1 / Math.sqrt(q.shape[3]!);
  const blocks = attentionBlocks(q.shape[2]!, blockSize);
  return customGrad((...args) => {
    const [queries, keys, values, save] = args as unknown as [Tensor, Tensor, Tensor, Save];
    // Scaling q instead of the scores touches D instead of T numbers per position.
    const scaled = mul(queries, scale);
    const weights = blocks.map(({ start, end }) => {
      const scores = matMul(positions(scaled, start, end), positions(keys, 0, end), false, true);
      return softmax(add(scores, slice(mask, [start, 0], [end - start, end]))); // (B, H, end − start, end)
    });
    const results = blocks.map(({ end }, i) => matMul(weights[i]!, positions(values, 0, end)));
    const value = concat(results, 2); // (B, H, T, D)
    save([scaled, keys, values, value, ...weights]);
    return {
      value,
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [scaled, keys, values, value, ...weights] = saved as [Tensor, Tensor, Tensor, Tensor, ...Tensor[]];
        const along = sum(mul(dy, value), -1, true); // (B, H, T, 1)
        const parts = blocks.map(({ start, end }, i) => {
          const dValue = positions(dy, start, end);
          const dWeights = matMul(dValue, positions(values, 0, end), false, true);
          const dScores = mul(weights[i]!, sub(dWeights, positions(along, start, end)));
          return {
            dQueries: matMul(dScores, positions(keys, 0, end)),
            dKeys: matMul(dScores, positions(scaled, start, end), true, false),
            dValues: matMul(weights[i]!, dValue, true, false),
          };
        });
        const dQueries = parts.map((part) => part.dQueries);
        const dKeys = parts.map((part) => part.dKeys);
        const dValues = parts.map((part) => part.dValues);
        return [mul(concat(dQueries, 2), scale), sumOfStarts(dKeys, blocks), sumOfStarts(dValues, blocks)];
      },
    };
  })(q, k, v);
}

/** The positions of a block of queries, from `start` up to but excluding `end`. */
interface Block {
  readonly start: number;
  readonly end: number;
}

function attentionBlocks(time: number, blockSize: number): Block[] {
  return Array.from({ length: Math.ceil(time / blockSize) }, (_, i) => ({
    start: i * blockSize,
    end: Math.min((i + 1) * blockSize, time),
  }));
}

/** Returns x [B, H, T, D] at the positions from `start` to `end`. */
function positions(x: Tensor, start: number, end: number): Tensor {
  if (start === 0 && end === x.shape[2]) return x;
  return slice(x, [0, 0, start, 0], [-1, -1, end - start, -1]);
}

/** Sums `parts` [B, H, end, D], which reach from position 0 to the end of their blocks. */
function sumOfStarts(parts: readonly Tensor[], blocks: readonly Block[]): Tensor {
  const sums = blocks.map(({ start, end }, i) => addN(parts.slice(i).map((part) => positions(part, start, end))));
  return concat(sums, 2);
}
