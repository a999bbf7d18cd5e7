import { add, clone, div, maximum, mul, sqrt, square, sub } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { requiredAuxiliary, routeRequired } from './auxiliary.js';
import type { OptimizerDefinition, UpdateRule } from './optimizer.js';
import { betas, coefficient, epsilon, learningRate, weightDecay } from './option-types.js';
import { lerp, norm } from './matrix/tensor-functions.js';

/**
 * MARS-AdamW: AdamW on a gradient corrected by a share of its change since the last step, to reduce its variance.
 * Paper: Yuan et al., arXiv:2411.10438, Algorithm 2, approximate: the gradient of the last step replaces the gradient of the
 * last batch at the new weights. Tested against the EPFL benchmark's version (test/golden/mars-adamw.json).
 * Deviations: none. Vectors use plain AdamW.
 */
const marsOptions = z.strictObject({
  lr: learningRate.default(3e-3),
  betas: betas.default([0.95, 0.99]),
  gamma: z
    .number()
    .nonnegative()
    .default(0.025)
    .describe('How much of the change of the gradient is added, times β₁/(1 − β₁); 0 is AdamW.')
    .meta(coefficient),
  eps: epsilon.default(1e-8).describe('Added to the root of the bias-corrected second moment.'),
  weight_decay: weightDecay.default(0.1),
  ...requiredAuxiliary(null, 'vectors'),
});

type MarsOptions = z.infer<typeof marsOptions>;
type Slot = 'm' | 'v' | 'previous';

function marsRule(options: MarsOptions): UpdateRule<Slot, 'stepSize' | 'bias2Root' | 'keep', 'first' | 'plain'> {
  const { gamma, eps, weight_decay } = options;
  const [b1, b2] = options.betas;
  return {
    name: 'mars',
    stateShapes: ({ shape }) => ({ m: shape, v: shape, previous: shape }),
    phaseAt: (step) => (step === 1 ? 'first' : 'plain'),
    scalars: ({ number: t, lr }) => ({
      stepSize: lr / (1 - b1 ** t),
      bias2Root: Math.sqrt(1 - b2 ** t),
      keep: 1 - lr * weight_decay,
    }),
    update({ phase, scalars: { stepSize, bias2Root, keep } }, _parameter, W, G, { m, v, previous }) {
      const corrected = phase === 'first' ? G : add(G, mul(sub(G, previous), gamma * (b1 / (1 - b1))));
      const C = div(corrected, maximum(norm(corrected), 1)); // each tensor clipped to norm 1
      const M = lerp(m, C, 1 - b1);
      const V = lerp(v, square(C), 1 - b2);
      const direction = div(M, add(div(sqrt(V), bias2Root), eps));
      const weight = sub(mul(W, keep), mul(stepSize, direction));
      // Copied because the caller owns the gradient.
      return { weight, state: { m: M, v: V, previous: clone(G) } };
    },
    describe: () => 'MARS-AdamW, element by element',
  };
}

export const mars: OptimizerDefinition<MarsOptions> = {
  summary: 'AdamW on variance-reduced gradients (arXiv:2411.10438)',
  source: 'arXiv:2411.10438; epfml/llm-optimizer-benchmark fdecd5d',
  options: marsOptions,
  route: (options) => routeRequired(marsRule(options), options, ({ role }) => role === 'vector'),
};
