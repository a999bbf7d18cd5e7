import { add, mul, sub } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { OptimizerDefinition, UpdateRule } from './optimizer.js';
import { beta, learningRate, partWhenNotZero } from './option-types.js';

/**
 * Stochastic gradient descent with heavy-ball or Nesterov momentum.
 * Paper: Sutskever et al., Proceedings of ICML 2013. Tested against torch.optim.SGD (test/golden/sgd-nesterov.json).
 * Deviations: none. As in PyTorch, weight decay is added to the gradient and so enters the momentum.
 */
const sgdOptions = z
  .strictObject({
    lr: learningRate.default(0.1),
    momentum: beta
      .default(0.9)
      .describe('Share of the momentum kept at each step; 0 follows the gradient alone.')
      .meta(partWhenNotZero),
    nesterov: z.boolean().default(true).describe('Look ahead along the momentum before stepping.'),
    weight_decay: z
      .number()
      .nonnegative()
      .default(0)
      .describe('Weight decay, added to the gradient (L2).')
      .meta(partWhenNotZero),
  })
  .refine((o) => !o.nesterov || o.momentum > 0, { path: ['nesterov'], error: 'must be false without `momentum`' });

type SgdOptions = z.infer<typeof sgdOptions>;

function sgdRule({ momentum, nesterov, weight_decay }: SgdOptions): UpdateRule<'m', 'lr', 'plain'> {
  return {
    name: 'sgd',
    stateShapes: ({ shape }) => (momentum > 0 ? { m: shape } : {}),
    phaseAt: () => 'plain',
    scalars: ({ lr }) => ({ lr }),
    update({ scalars: { lr } }, _parameter, W, gradient, { m }) {
      const G = weight_decay > 0 ? add(gradient, mul(W, weight_decay)) : gradient;
      if (momentum === 0) return { weight: sub(W, mul(lr, G)), state: {} };
      const M = add(mul(m, momentum), G);
      const direction = nesterov ? add(G, mul(M, momentum)) : M;
      return { weight: sub(W, mul(lr, direction)), state: { m: M } };
    },
    describe: () => (momentum > 0 ? 'gradient descent with momentum' : 'gradient descent'),
  };
}

export const sgd: OptimizerDefinition<SgdOptions> = {
  summary: 'Gradient descent with momentum, as torch.optim.SGD',
  source: 'Sutskever et al., ICML 2013; torch.optim.SGD',
  options: sgdOptions,
  route(options) {
    const rule = sgdRule(options);
    return () => rule;
  },
};
