import {
  add,
  div,
  expandDims,
  matMul,
  maximum,
  mean,
  mul,
  rsqrt,
  sqrt,
  square,
  sub,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { OptimizerDefinition, UpdateRule } from './optimizer.js';
import { beta, coefficient, epsilon, learningRate, partWhenNotZero, weightDecay } from './option-types.js';
import { lerp } from './matrix/tensor-functions.js';

/**
 * Adafactor: Adam with one second moment per row and per column, and steps relative to the size of the weights.
 * Paper: Shazeer & Stern, arXiv:1804.04235. Tested against torch.optim.Adafactor (test/golden/adafactor.json).
 *
 * Deviations from that reference:
 * 1. Optional momentum, as in section 6 of the paper: an average of the clipped updates without bias correction.
 */
const adafactorOptions = z.strictObject({
  lr: learningRate
    .default(1e-2)
    .describe('Largest relative step, which the schedule scales; step t takes at most 1/√t.'),
  momentum: beta
    .default(0)
    .describe('Decay rate of the average of the updates; 0 keeps none.')
    .meta({ source: 'arXiv:1804.04235, section 6', ...partWhenNotZero }),
  beta2_decay: z
    .number()
    .lt(0)
    .default(-0.8)
    .describe('The second moment takes step t with weight t^beta2_decay.')
    .meta(coefficient),
  eps1: epsilon.default(2 ** -23).describe('Smallest root of the second moment.'),
  eps2: epsilon.default(1e-3).describe('Smallest root mean square that a weight tensor counts with.'),
  clip_threshold: z
    .number()
    .positive()
    .default(1)
    .describe('Root mean square that the update is clipped to.')
    .meta(coefficient),
  weight_decay: weightDecay.default(0),
});

/** The smallest normal float32. Some kernels flush smaller numbers to 0. */
const smallestNormal = 2 ** -126;

type AdafactorOptions = z.infer<typeof adafactorOptions>;
type Slot = 'm' | 'v' | 'row' | 'col';

function adafactorRule(options: AdafactorOptions): UpdateRule<Slot, 'weight2' | 'rate' | 'keep', 'plain'> {
  const { momentum, beta2_decay, eps1, eps2, clip_threshold, weight_decay } = options;
  return {
    name: 'adafactor',
    stateShapes: ({ shape }) => ({
      ...(momentum > 0 ? { m: shape } : {}),
      ...(shape.length === 2 ? { row: [shape[0]!], col: [shape[1]!] } : { v: shape }),
    }),
    phaseAt: () => 'plain',
    scalars: ({ number: t, lr }) => ({
      weight2: t ** beta2_decay,
      rate: Math.min(lr, 1 / Math.sqrt(t)),
      keep: 1 - lr * weight_decay,
    }),
    update({ scalars: { weight2, rate, keep } }, { shape }, W, G, { m, v, row, col }) {
      const average = (before: Tensor, now: Tensor) => add(before, mul(weight2, sub(now, before)));
      const G2 = square(G);
      const moments =
        shape.length === 2 ? { row: average(row, mean(G2, 1)), col: average(col, mean(G2, 0)) } : { v: average(v, G2) };
      const V = 'v' in moments ? moments.v : fromMargins(moments.row, moments.col, eps1);
      // The square of the paper's 1e-30 underflows in float32, and the inverse root of V = 0 would be infinite.
      const update = mul(rsqrt(maximum(V, Math.max(eps1 ** 2, smallestNormal))), G);
      const clipped = div(update, maximum(div(rms(update), clip_threshold), 1));
      const M = momentum > 0 ? lerp(m, clipped, 1 - momentum) : undefined;
      const step = mul(maximum(rms(W), eps2), rate);
      return {
        weight: sub(mul(W, keep), mul(step, M ?? clipped)),
        state: { ...moments, ...(M && { m: M }) },
      };
    },
    describe: ({ shape }) =>
      shape.length === 2 ? 'Adafactor, moments by row and column' : 'Adafactor, element by element',
  };
}

/** The rank-one matrix with these mean squares of rows and columns. */
function fromMargins(row: Tensor, col: Tensor, smallest: number): Tensor {
  return div(matMul(expandDims(row, 1), expandDims(col, 0)), maximum(mean(row), Math.max(smallest, smallestNormal)));
}

function rms(x: Tensor): Tensor {
  return sqrt(mean(square(x)));
}

export const adafactor: OptimizerDefinition<AdafactorOptions> = {
  summary: 'Second moments by row and column, steps relative to the weights (arXiv:1804.04235)',
  source: 'arXiv:1804.04235; torch.optim.Adafactor',
  options: adafactorOptions,
  route(options) {
    const rule = adafactorRule(options);
    return () => rule;
  },
};
