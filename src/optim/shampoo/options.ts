import { z } from 'zod';
import { optionalAuxiliary } from '../auxiliary.js';
import {
  beta,
  betas,
  coefficient,
  epsilon,
  learningRate,
  maxPrecondDim,
  maxRefreshFailures,
  period,
  structure,
  weightDecay,
} from '../option-types.js';

/** Options of Shampoo, named as in Distributed Shampoo where possible. */
export const shampooOptions = z
  .strictObject({
    lr: learningRate.default(1e-3),
    betas: betas.default([0.95, 0.95]).describe('Decay rates of the momentum and of the Kronecker factors.'),
    factor_accumulation: z
      .enum(['average', 'sum'])
      .default('average')
      .describe('Factors are moving averages, or sums over all gradients as in the first paper (β2 = 1 at Meta).'),
    epsilon: z
      .number()
      .positive()
      .default(1e-12)
      .describe(
        'Ridge added to a factor before its root; `newton` takes at least 1e-6 of the factor’s norm, which float32 needs.',
      )
      .meta(coefficient),
    weight_decay: weightDecay.default(0),
    precondition_frequency: period.default(10).describe('Steps between two computations of the inverse roots.'),
    start_preconditioning_step: period
      .nullable()
      .default(null)
      .describe('First step that preconditions, the graft alone before; null takes `precondition_frequency`.'),
    inverse_exponent: z
      .union([z.literal('per_order'), z.number().positive()])
      .default('per_order')
      .describe(
        'Root a side: factor^(−exponent). `per_order` is 1/2 for vectors and 1/4 for matrices; the paper has 0.4.',
      )
      .meta(structure),
    root_method: z
      .enum(['eigh', 'newton'])
      .default('eigh')
      .describe('Roots by eigendecomposition, or by coupled Newton iterations where 1/exponent is a whole number.'),
    newton_iterations: z
      .number()
      .int()
      .min(1)
      .max(100)
      .default(30)
      .describe(
        'Newton iterations a root; those after convergence change nothing. Each adds to the time that compiling takes.',
      )
      .meta(structure),
    trace_scaling: z
      .boolean()
      .default(false)
      .describe('Divide each factor by the root of its trace before its inverse root.'),
    grafting: z
      .enum(['none', 'sgd', 'adagrad', 'adam'])
      .default('adam')
      .describe('Whose step length each tensor, or block of one, takes.'),
    grafting_beta2: beta
      .nullable()
      .default(null)
      .describe("Decay of Adam's second moment in the graft; null takes the second of `betas`."),
    grafting_eps: epsilon.default(1e-8).describe("Added to the root of the graft's bias-corrected second moment."),
    max_precond_dim: maxPrecondDim.describe(
      'Longest side with one factor; `large_dims` says what is done with longer ones.',
    ),
    large_dims: z
      .enum(['identity', 'blocks'])
      .default('identity')
      .describe(
        'A side longer than `max_precond_dim` has no factor (as SOAP), or is cut into blocks with a factor each (Meta).',
      ),
    precondition_vocab: z
      .boolean()
      .default(false)
      .describe('Precondition the vocabulary side of embedding and head too.'),
    use_bias_correction: z.boolean().default(true).describe('Bias correction of momentum, factors and graft.'),
    max_refresh_failures: maxRefreshFailures,
    ...optionalAuxiliary,
  })
  .refine((o) => o.start_preconditioning_step === null || o.start_preconditioning_step >= o.precondition_frequency, {
    path: ['start_preconditioning_step'],
    error: 'must be at least `precondition_frequency`, or null',
  })
  .refine((o) => o.root_method === 'eigh' || o.inverse_exponent === 'per_order' || isWhole(1 / o.inverse_exponent), {
    path: ['inverse_exponent'],
    error: 'must be 1 over a whole number, or `per_order`, for `root_method: newton`',
  })
  .refine((o) => o.large_dims === 'identity' || o.max_precond_dim > 0, {
    path: ['max_precond_dim'],
    error: 'must be at least 1 for `large_dims: blocks`',
  });

export type ShampooOptions = z.infer<typeof shampooOptions>;

function isWhole(value: number): boolean {
  return Math.abs(value - Math.round(value)) < 1e-9;
}
