import { mul, sub, type Tensor2D } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { requiredAuxiliary, routeRequired } from './auxiliary.js';
import { orthogonalized } from './matrix/newton-schulz.js';
import type { OptimizerDefinition, ParameterInfo, UpdateRule } from './optimizer.js';
import { beta, coefficient, learningRate, structure, weightDecay } from './option-types.js';
import { lerp } from './matrix/tensor-functions.js';

/**
 * Muon: the momentum of a hidden matrix with its singular values set to one. The other tensors use AdamW.
 * Source: Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024; the second scale rule from Liu
 * et al., arXiv:2502.16982. Tested against torch.optim.Muon (test/golden/muon.json).
 *
 * Deviations from that reference:
 * 1. The Newton–Schulz iteration uses float32 by default, because bfloat16 is only fast on GPUs.
 */
const muonOptions = z.strictObject({
  lr: learningRate.default(0.02),
  momentum: beta.default(0.95).describe('Decay rate of the momentum.'),
  nesterov: z.boolean().default(true).describe('Mix the gradient into the momentum once more before stepping.'),
  ns_steps: z.number().int().min(1).default(5).describe('Newton–Schulz steps.').meta(structure),
  ns_precision: z
    .enum(['float32', 'bfloat16'])
    .default('float32')
    .describe('What the Newton–Schulz steps round to; the reference has bfloat16.'),
  scale: z
    .enum(['aspect_ratio', 'match_adamw'])
    .default('aspect_ratio')
    .describe(
      'Length of a step: `aspect_ratio` is √max(1, rows/columns); `match_adamw` is 0.2·√max(rows, columns), as long ' +
        'as one of AdamW at the same learning rate.',
    )
    .meta({ source: '`match_adamw`: arXiv:2502.16982', ...coefficient }),
  weight_decay: weightDecay.default(0.1),
  ...requiredAuxiliary(1e-3),
});

type MuonOptions = z.infer<typeof muonOptions>;

function muonRule(options: MuonOptions): UpdateRule<'m', 'lr' | 'keep', 'plain'> {
  const { momentum, nesterov, ns_steps, ns_precision, weight_decay } = options;
  return {
    name: 'muon',
    stateShapes: ({ shape }) => ({ m: shape }),
    phaseAt: () => 'plain',
    scalars: ({ lr }) => ({ lr, keep: 1 - lr * weight_decay }),
    update({ scalars: { lr, keep } }, parameter, W, G, { m }) {
      const M = lerp(m, G, 1 - momentum);
      const direction = nesterov ? lerp(G, M, momentum) : M;
      const orthogonal = orthogonalized(direction as Tensor2D, ns_steps, ns_precision);
      const step = mul(orthogonal, scaleOf(parameter, options));
      return { weight: sub(mul(W, keep), mul(lr, step)), state: { m: M } };
    },
    describe: (parameter) => `Muon, steps scaled by ${Number(scaleOf(parameter, options).toFixed(3))}`,
  };
}

function scaleOf({ shape }: ParameterInfo, { scale }: MuonOptions): number {
  const [rows, columns] = shape as readonly [number, number];
  return scale === 'aspect_ratio' ? Math.sqrt(Math.max(1, rows / columns)) : 0.2 * Math.sqrt(Math.max(rows, columns));
}

export const muon: OptimizerDefinition<MuonOptions> = {
  summary: 'Momentum of hidden matrices, orthogonalized; AdamW for the rest, as torch.optim.Muon',
  source: 'Jordan et al. 2024, kellerjordan.github.io/posts/muon; torch.optim.Muon',
  options: muonOptions,
  route: (options) => routeRequired(muonRule(options), options),
};
