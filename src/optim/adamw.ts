import { add, div, mul, sqrt, square, sub } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { OptimizerDefinition, UpdateRule } from './optimizer.js';
import { betas, epsilon, learningRate, weightDecay } from './option-types.js';
import { lerp } from './matrix/tensor-functions.js';

/**
 * AdamW: Adam with decoupled weight decay.
 * Paper: Loshchilov & Hutter, arXiv:1711.05101. Tested against torch.optim.AdamW (test/golden/adamw*.json).
 * Deviations: none.
 */
const adamwOptions = z.strictObject({
  lr: learningRate.default(1e-3),
  betas: betas.default([0.9, 0.95]),
  eps: epsilon.default(1e-8).describe('Added to the root of the bias-corrected second moment.'),
  weight_decay: weightDecay.default(0.1),
});

type AdamwOptions = z.infer<typeof adamwOptions>;

export function adamwRule({
  betas: [b1, b2],
  eps,
  weight_decay,
}: AdamwOptions): UpdateRule<'m' | 'v', 'stepSize' | 'bias2Root' | 'keep', 'plain'> {
  return {
    name: 'adamw',
    stateShapes: ({ shape }) => ({ m: shape, v: shape }),
    phaseAt: () => 'plain',
    scalars: ({ number: t, lr }) => ({
      stepSize: lr / (1 - b1 ** t),
      bias2Root: Math.sqrt(1 - b2 ** t),
      keep: 1 - lr * weight_decay,
    }),
    update({ scalars: { stepSize, bias2Root, keep } }, _parameter, W, G, { m, v }) {
      const M = lerp(m, G, 1 - b1);
      const V = lerp(v, square(G), 1 - b2);
      const denominator = add(div(sqrt(V), bias2Root), eps);
      return { weight: sub(mul(W, keep), mul(stepSize, div(M, denominator))), state: { m: M, v: V } };
    },
    describe: () => 'AdamW, element by element',
  };
}

export const adamw: OptimizerDefinition<AdamwOptions> = {
  summary: 'Adam with decoupled weight decay, as torch.optim.AdamW (arXiv:1711.05101)',
  source: 'arXiv:1711.05101; torch.optim.AdamW',
  options: adamwOptions,
  route(options) {
    const rule = adamwRule(options);
    return () => rule;
  },
};
