import {
  add,
  concat,
  customGrad,
  div,
  erf,
  exp,
  matMul,
  mean,
  mul,
  neg,
  ones,
  reshape,
  rsqrt,
  split,
  square,
  squaredDifference,
  sub,
  tensor2d,
  transpose,
  type Tensor,
  type Tensor2D,
} from '@tensorflow/tfjs-core';

/** x·Wᵀ over the last dimension of x [N, in], with W [out, in]. */
export function linear(x: Tensor, W: Tensor): Tensor2D {
  return matMul(x as Tensor2D, W as Tensor2D, false, true);
}

/**
 * Layer normalisation of x [N, d] over d, with a weight [d] and no bias.
 *
 * The gradient is explicit because TensorFlow.js's own takes three times as many passes over memory. It keeps only x and two
 * numbers per row of the forward pass; sums along rows and columns are products with vectors. With the normalised x as n:
 * dx = (w∘dy − mean(w∘dy) − n·mean(w∘dy∘n)) / std and dw = Σ dy∘n.
 */
export function layerNorm(x: Tensor, weight: Tensor): Tensor {
  return customGrad((...args) => {
    const [input, scale, save] = args as unknown as [Tensor, Tensor, Save];
    const center = mean(input, -1, true); // (N, 1)
    const inverseStd = rsqrt(add(mean(squaredDifference(input, center), -1, true), 1e-5)); // (N, 1)
    save([input, center, inverseStd, scale]);
    return {
      value: mul(mul(sub(input, center), inverseStd), scale),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [input, center, inverseStd, scale] = saved as [Tensor, Tensor, Tensor, Tensor];
        const [rows, columns] = input.shape as [number, number];
        const normalized = mul(sub(input, center), inverseStd);
        const dScale = mul(dy, normalized);
        const share = reshape(div(scale, columns), [columns, 1]);
        const along = matMul(dScale, share); // (N, 1)
        const shift = matMul(dy, share); // (N, 1)
        const dx = mul(sub(sub(mul(dy, scale), shift), mul(normalized, along)), inverseStd);
        return [dx, reshape(matMul(ones([1, rows]), dScale), [columns])];
      },
    };
  })(x, weight);
}

/** Exact GELU, x·Φ(x). Its derivative, Φ(x) + x·φ(x), needs only x. */
export function gelu(x: Tensor): Tensor {
  return customGrad((...args) => {
    const [input, save] = args as unknown as [Tensor, Save];
    save([input]);
    return {
      value: mul(input, normalCdf(input)),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [input] = saved as [Tensor];
        const density = mul(exp(mul(square(input), -0.5)), 1 / Math.sqrt(2 * Math.PI));
        return mul(dy, add(normalCdf(input), mul(input, density)));
      },
    };
  })(x);
}

function normalCdf(x: Tensor): Tensor {
  return mul(add(erf(mul(x, Math.SQRT1_2)), 1), 0.5);
}

/** Keeps tensors of the forward pass for the gradient; the type is missing in TensorFlow.js. */
export type Save = (tensors: Tensor[]) => void;

/** Cosines and sines of rotary positions, each [context, size]: half-rotation layout, base 10000. */
export interface RotaryTables {
  readonly cos: Tensor;
  readonly sin: Tensor;
}

export function rotaryTables(context: number, size: number): RotaryTables {
  const angles = Array.from({ length: context * size }, (_, index) => {
    const position = Math.floor(index / size);
    const pair = (index % size) % (size / 2);
    // Rounded to float32 at each operation, as in the reference.
    const frequency = Math.fround(1 / Math.fround(10000 ** ((2 * pair) / size)));
    return Math.fround(position * frequency);
  });
  const table = (fn: (angle: number) => number) => tensor2d(Float32Array.from(angles, fn), [context, size]);
  return { cos: table(Math.cos), sin: table(Math.sin) };
}

/** Rotates pairs of x [B, H, T, D] by the angle of their position. The gradient is the inverse rotation. */
export function rotate(x: Tensor, tables: RotaryTables): Tensor {
  return customGrad((...args) => {
    const [input, save] = args as unknown as [Tensor, Save];
    save([tables.cos, tables.sin]);
    return {
      value: turn(input, tables.cos, tables.sin),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [cos, sin] = saved as [Tensor, Tensor];
        return turn(dy, cos, neg(sin));
      },
    };
  })(x);
}

/** (a, b) → (a·cos − b·sin, b·cos + a·sin), a and b the halves of the last dimension. */
function turn(x: Tensor, cos: Tensor, sin: Tensor): Tensor {
  const [first, second] = split(x, 2, -1) as [Tensor, Tensor];
  return add(mul(x, cos), mul(concat([neg(second), first], -1), sin));
}

/** [B·T, d] → [B, heads, T, d / heads]. */
export function splitHeads(x: Tensor, context: number, heads: number): Tensor {
  return transpose(reshape(x, [-1, context, heads, x.shape[1]! / heads]), [0, 2, 1, 3]);
}

/** [B, heads, T, D] → [B·T, heads·D]. */
export function mergeHeads(x: Tensor): Tensor {
  return reshape(transpose(x, [0, 2, 1, 3]), [-1, x.shape[1]! * x.shape[3]!]);
}
