import { mul, sign, sub } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { OptimizerDefinition, UpdateRule } from './optimizer.js';
import { betas, learningRate, weightDecay } from './option-types.js';
import { lerp } from './matrix/tensor-functions.js';

/**
 * Lion: the sign of an interpolated momentum. Every weight moves by the learning rate.
 * Paper: Chen et al., arXiv:2302.06675, Algorithm 2. Tested against the EPFL benchmark's version (test/golden/lion.json).
 * Deviations: none.
 */
const lionOptions = z.strictObject({
  lr: learningRate.default(1e-4),
  betas: betas.default([0.9, 0.99]).describe('Decay rates of the momentum within the sign, and of the momentum kept.'),
  weight_decay: weightDecay.default(0.1),
});

type LionOptions = z.infer<typeof lionOptions>;

function lionRule({ betas: [b1, b2], weight_decay }: LionOptions): UpdateRule<'m', 'lr' | 'keep', 'plain'> {
  return {
    name: 'lion',
    stateShapes: ({ shape }) => ({ m: shape }),
    phaseAt: () => 'plain',
    scalars: ({ lr }) => ({ lr, keep: 1 - lr * weight_decay }),
    update({ scalars: { lr, keep } }, _parameter, W, G, { m }) {
      const direction = sign(lerp(m, G, 1 - b1));
      return { weight: sub(mul(W, keep), mul(lr, direction)), state: { m: lerp(m, G, 1 - b2) } };
    },
    describe: () => 'Lion, sign by sign',
  };
}

export const lion: OptimizerDefinition<LionOptions> = {
  summary: 'The sign of the momentum, at half of Adam’s state (arXiv:2302.06675)',
  source: 'arXiv:2302.06675; epfml/llm-optimizer-benchmark fdecd5d',
  options: lionOptions,
  route(options) {
    const rule = lionRule(options);
    return () => rule;
  },
};
