import { add, div, mul, sqrt, square, sub, type Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import {
  averageFactors,
  describeSides,
  onSides,
  project,
  sidesOf,
  squareShapes,
  type SidePair,
  type Sides,
} from './kronecker.js';
import { inverseRoot } from './matrix-functions.js';
import type { OptimizerDefinition, ParameterInfo, UpdateRule } from './optimizer.js';
import { beta, betas, epsilon, learningRate, period, weightDecay } from './option-types.js';
import { lerp, norm } from './tensor-functions.js';

/**
 * Shampoo with moving averages and Adam grafting.
 * Papers: Gupta et al., arXiv:1802.09568; Shi et al., arXiv:2309.06497 (Distributed Shampoo). Tested against
 * facebookresearch/optimizers f606606 (test/golden/shampoo-*.json).
 *
 * Deviations:
 * 1. Dimensions are neither merged nor blocked: a matrix has one factor a side.
 * 2. The vocabulary side of embedding and head has no factor, as for SOAP; the exponent stays that of a matrix.
 */
const shampooOptions = z
  .strictObject({
    lr: learningRate.default(1e-3),
    betas: betas.default([0.95, 0.95]).describe('Decay rates of the momentum and of the Kronecker factors.'),
    epsilon: z.number().positive().default(1e-12).describe('Ridge added to a factor before its root.'),
    weight_decay: weightDecay.default(0),
    precondition_frequency: period.default(10).describe('Calls between two computations of the inverse roots.'),
    start_preconditioning_step: period
      .nullable()
      .default(null)
      .describe('First call that preconditions, the graft alone before; null takes `precondition_frequency`.'),
    inverse_exponent: z
      .union([z.literal('per_order'), z.number().positive()])
      .default('per_order')
      .describe(
        'Root a side: factor^(−exponent). `per_order` is 1/2 for vectors and 1/4 for matrices; the paper has 0.4.',
      ),
    grafting: z.enum(['none', 'adam']).default('adam').describe('Whose step length each tensor takes.'),
    grafting_beta2: beta
      .nullable()
      .default(null)
      .describe("Decay of the graft's second moment; null takes the second of `betas`."),
    grafting_eps: epsilon.default(1e-8).describe("Added to the root of the graft's bias-corrected second moment."),
    max_precond_dim: z.number().int().min(0).default(10000).describe('A side longer than this has no factor.'),
    precondition_vocab: z
      .boolean()
      .default(false)
      .describe('Precondition the vocabulary side of embedding and head too.'),
    use_bias_correction: z.boolean().default(true).describe('Bias correction of momentum, factors and graft.'),
  })
  .refine((o) => o.start_preconditioning_step === null || o.start_preconditioning_step >= o.precondition_frequency, {
    path: ['start_preconditioning_step'],
    error: 'must be at least `precondition_frequency`, or null',
  });

type ShampooOptions = z.infer<typeof shampooOptions>;
type Slot = 'm' | 'v' | 'L' | 'R' | 'PL' | 'PR';
type Scalar = 'lr' | 'decay' | 'bias1' | 'bias2' | 'graftBias2Root';

function shampooRule(options: ShampooOptions): UpdateRule<Slot, Scalar, 'graft' | 'refresh' | 'plain'> {
  const { precondition_frequency: frequency, grafting_eps, grafting, use_bias_correction } = options;
  const [b1, b2] = options.betas;
  const graftBeta = options.grafting_beta2 ?? b2;
  const start = options.start_preconditioning_step ?? frequency;
  const hasGraft = grafting === 'adam';

  return {
    name: 'shampoo',

    stateShapes(parameter) {
      const sides = shampooSides(parameter, options);
      return {
        m: parameter.shape,
        ...(hasGraft ? { v: parameter.shape } : {}),
        ...squareShapes(sides, 'L', 'R'),
        ...squareShapes(sides, 'PL', 'PR'),
      };
    },

    phaseAt(call) {
      if (call < start) return 'graft';
      return call === start || call % frequency === 0 ? 'refresh' : 'plain';
    },

    scalars({ number: t, lr }) {
      const bias = (beta: number) => (use_bias_correction ? 1 - beta ** t : 1);
      return {
        lr,
        decay: options.weight_decay,
        bias1: bias(b1),
        bias2: bias(b2),
        graftBias2Root: Math.sqrt(bias(graftBeta)),
      };
    },

    update({ phase, scalars }, parameter, W, G, { m, v, L, R, PL, PR }) {
      const { lr, decay, bias1, bias2, graftBias2Root } = scalars;
      const sides = shampooSides(parameter, options);
      const factors = averageFactors(G, sides, onSides(sides, L, R), b2);
      const M = lerp(m, G, 1 - b1);
      const Mhat = div(M, bias1);
      const V = hasGraft ? lerp(v, square(G), 1 - graftBeta) : undefined;
      const graft = V && div(Mhat, add(div(sqrt(V), graftBias2Root), grafting_eps));

      let roots: SidePair = onSides(sides, PL, PR);
      if (phase === 'refresh') {
        const exponent = exponentOf(parameter, options);
        const root = (factor: Tensor | undefined) =>
          factor && inverseRoot(div(factor, bias2), exponent, options.epsilon);
        roots = { left: root(factors.left), right: root(factors.right) };
      }

      let direction: Tensor;
      if (phase === 'graft') {
        direction = graft ?? Mhat;
      } else {
        direction = project(Mhat, sides, roots);
        // The small number keeps a zero direction at zero.
        if (graft) direction = mul(direction, div(norm(graft), add(norm(direction), 1e-16)));
      }
      return {
        weight: sub(W, mul(lr, add(direction, mul(W, decay)))),
        state: {
          m: M,
          ...(V && { v: V }),
          ...(factors.left && { L: factors.left }),
          ...(factors.right && { R: factors.right }),
          ...(phase === 'refresh' && roots.left && { PL: roots.left }),
          ...(phase === 'refresh' && roots.right && { PR: roots.right }),
        },
      };
    },

    describe(parameter) {
      const sides = shampooSides(parameter, options);
      if (!sides.left && !sides.right)
        return hasGraft ? 'Adam (no side preconditioned)' : 'momentum (no side preconditioned)';
      return `Shampoo, ${describeSides(sides)}, exponent ${exponentOf(parameter, options)} a side`;
    },
  };
}

function shampooSides(parameter: ParameterInfo, options: ShampooOptions): Sides {
  return sidesOf(parameter, {
    vectors: true,
    vocabulary: options.precondition_vocab,
    maxDim: options.max_precond_dim,
  });
}

function exponentOf({ shape }: ParameterInfo, { inverse_exponent }: ShampooOptions): number {
  return inverse_exponent === 'per_order' ? 1 / (2 * shape.length) : inverse_exponent;
}

export const shampoo: OptimizerDefinition<ShampooOptions> = {
  summary: 'Kronecker-factored preconditioning with Adam grafting, as Distributed Shampoo (arXiv:2309.06497)',
  options: shampooOptions,
  route(options) {
    const rule = shampooRule(options);
    return () => rule;
  },
};
