import { div, maximum, minimum, mul, sqrt, square, sub } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { OptimizerDefinition, UpdateRule } from './optimizer.js';
import { betas, epsilon, learningRate, weightDecay } from './option-types.js';
import { lerp } from './matrix/tensor-functions.js';

/**
 * ADOPT: Adam that divides a gradient by the second moment of earlier gradients, and then takes the momentum.
 * Paper: Taniguchi et al., arXiv:2411.02853, Algorithm 2 with clipping. Tested against the EPFL benchmark's version
 * (test/golden/adopt.json).
 * Deviations: none. The first step sets the second moment and updates no weights.
 */
const adoptOptions = z.strictObject({
  lr: learningRate.default(1e-3),
  betas: betas.default([0.9, 0.9999]),
  eps: epsilon.default(1e-6).describe('Smallest root of the second moment.'),
  clip: z.boolean().default(true).describe('Clip the divided gradient of update t element by element at t^¼.'),
  weight_decay: weightDecay.default(0.1),
});

type AdoptOptions = z.infer<typeof adoptOptions>;

function adoptRule({
  betas: [b1, b2],
  eps,
  clip,
  weight_decay,
}: AdoptOptions): UpdateRule<'m' | 'v', 'lr' | 'bound' | 'keep', 'first' | 'plain'> {
  return {
    name: 'adopt',
    stateShapes: ({ shape }) => ({ m: shape, v: shape }),
    phaseAt: (step) => (step === 1 ? 'first' : 'plain'),
    scalars: ({ number, lr }) => ({ lr, bound: (number - 1) ** 0.25, keep: 1 - lr * weight_decay }),
    update({ phase, scalars: { lr, bound, keep } }, _parameter, W, G, { m, v }) {
      if (phase === 'first') return { weight: W, state: { v: square(G) } };
      const divided = div(G, maximum(sqrt(v), eps));
      const bounded = clip ? minimum(maximum(divided, mul(bound, -1)), bound) : divided;
      const M = lerp(m, bounded, 1 - b1);
      return { weight: sub(mul(W, keep), mul(lr, M)), state: { m: M, v: lerp(v, square(G), 1 - b2) } };
    },
    describe: () => 'ADOPT, element by element',
  };
}

export const adopt: OptimizerDefinition<AdoptOptions> = {
  summary: 'Adam that converges with any β₂, gradient divided before the momentum (arXiv:2411.02853)',
  source: 'arXiv:2411.02853; epfml/llm-optimizer-benchmark fdecd5d',
  options: adoptOptions,
  route(options) {
    const rule = adoptRule(options);
    return () => rule;
  },
};
