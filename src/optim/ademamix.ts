import { add, div, mul, sqrt, square, sub } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { OptimizerDefinition, UpdateRule } from './optimizer.js';
import { beta, coefficient, epsilon, learningRate, warmupSteps, weightDecay } from './option-types.js';
import { lerp } from './matrix/tensor-functions.js';

/**
 * AdEMAMix: AdamW with a second, very slow momentum.
 * Paper: Pagliardini et al., arXiv:2409.03137. Tested against the EPFL benchmark's version (test/golden/ademamix.json).
 * Deviations: none.
 */
const ademamixOptions = z.strictObject({
  lr: learningRate.default(1e-3),
  betas: z
    .tuple([beta, beta, beta])
    .default([0.9, 0.999, 0.9999])
    .describe('Decay rates of the fast momentum, of the second moment and of the slow momentum.')
    .meta(coefficient),
  alpha: z
    .number()
    .nonnegative()
    .default(8)
    .describe('Weight of the slow momentum beside the fast one.')
    .meta(coefficient),
  alpha_warmup: warmupSteps.describe('Steps over which `alpha` grows from 0; 0 starts with it.'),
  beta3_warmup: warmupSteps.describe(
    "Steps over which the slow momentum's half-life grows from that of the fast one; 0 starts with it.",
  ),
  eps: epsilon.default(1e-8).describe('Added to the root of the bias-corrected second moment.'),
  weight_decay: weightDecay.default(0.1),
});

type AdemamixOptions = z.infer<typeof ademamixOptions>;
type Scalar = 'lr' | 'bias1' | 'bias2Root' | 'alpha' | 'weight3' | 'keep';

function ademamixRule(options: AdemamixOptions): UpdateRule<'m1' | 'm2' | 'v', Scalar, 'plain'> {
  const { eps, weight_decay } = options;
  const [b1, b2] = options.betas;
  return {
    name: 'ademamix',
    stateShapes: ({ shape }) => ({ m1: shape, m2: shape, v: shape }),
    phaseAt: () => 'plain',
    scalars: ({ number: t, lr }) => ({
      lr,
      bias1: 1 - b1 ** t,
      bias2Root: Math.sqrt(1 - b2 ** t),
      alpha: options.alpha * progress(t, options.alpha_warmup),
      weight3: 1 - slowBeta(t, options),
      keep: 1 - lr * weight_decay,
    }),
    update({ scalars: { lr, bias1, bias2Root, alpha, weight3, keep } }, _parameter, W, G, { m1, m2, v }) {
      const M1 = lerp(m1, G, 1 - b1);
      const M2 = add(m2, mul(weight3, sub(G, m2)));
      const V = lerp(v, square(G), 1 - b2);
      const momentum = add(div(M1, bias1), mul(alpha, M2));
      const direction = div(momentum, add(div(sqrt(V), bias2Root), eps));
      return { weight: sub(mul(W, keep), mul(lr, direction)), state: { m1: M1, m2: M2, v: V } };
    },
    describe: () => 'AdEMAMix, element by element',
  };
}

/** The completed share of a warm-up at step t. */
function progress(t: number, warmup: number): number {
  return t < warmup ? t / warmup : 1;
}

/** β₃ at step t. Its half-life, not β₃ itself, grows linearly from that of β₁. */
function slowBeta(t: number, { betas: [b1, , b3], beta3_warmup }: AdemamixOptions): number {
  const share = progress(t, beta3_warmup);
  if (share === 1) return b3;
  const halfLife = (beta: number) => Math.log(0.5) / Math.log(beta + 1e-8) - 1; // as the authors, who guard β = 0
  return 0.5 ** (1 / ((1 - share) * halfLife(b1) + share * halfLife(b3) + 1));
}

export const ademamix: OptimizerDefinition<AdemamixOptions> = {
  summary: 'AdamW with a second, very slow momentum (arXiv:2409.03137)',
  source: 'arXiv:2409.03137; epfml/llm-optimizer-benchmark fdecd5d',
  options: ademamixOptions,
  route(options) {
    const rule = ademamixRule(options);
    return () => rule;
  },
};
