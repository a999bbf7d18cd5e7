import { z } from 'zod';
import { optionalAuxiliary } from '../auxiliary.js';
import {
  beta,
  betas,
  epsilon,
  learningRate,
  maxPrecondDim,
  maxRefreshFailures,
  period,
  structure,
  weightDecay,
} from '../option-types.js';

/** Options of SOAP. The defaults follow the authors' code; each difference in other implementations is an option. */
export const soapOptions = z
  .strictObject({
    lr: learningRate.default(3e-3),
    betas: betas.default([0.95, 0.95]),
    shampoo_beta: beta
      .nullable()
      .default(null)
      .describe('Decay rate of the Kronecker factors; null takes the second of `betas`.'),
    eps: epsilon
      .default(1e-8)
      .describe('Keeps the root of the second moment from zero, and with KL factors their eigenvalues.'),
    eps_placement: z
      .enum(['uncorrected', 'corrected', 'floor'])
      .default('uncorrected')
      .describe(
        '`eps` is added to the root before bias correction (authors), after it (PyTorch, Meta, NVIDIA), or bounds the corrected root from below (HeavyBall).',
      ),
    weight_decay: weightDecay.default(0.01),
    weight_decay_timing: z
      .enum(['after_update', 'before_update'])
      .default('after_update')
      .describe('Decays the weight after its step (authors), or before it (PyTorch, Meta, NVIDIA).'),
    correct_bias: z.boolean().default(true).describe("Adam's bias correction."),
    normalize_grads: z.boolean().default(false).describe('Scale the update of each tensor to root mean square 1.'),
    second_moment: z
      .enum(['full', 'factorized'])
      .default('full')
      .describe(
        'A second moment an element, or the means of its rows and columns as Adafactor has them (paper, section 7).',
      ),
    one_sided: z.boolean().default(false).describe('Rotate only the shorter side of a matrix (paper, section 7).'),
    max_precond_dim: maxPrecondDim.describe('A side longer than this keeps the identity as its basis.'),
    merge_dims: z
      .boolean()
      .default(false)
      .describe('Treat a matrix of at most `max_precond_dim` elements as one vector with a full basis.'),
    precondition_1d: z.boolean().default(false).describe('Rotate vectors too.'),
    precondition_vocab: z.boolean().default(false).describe('Rotate the vocabulary side of embedding and head too.'),
    factor_update: z
      .enum(['outer', 'kl'])
      .default('outer')
      .describe(
        'Factors average the gradient’s outer products, or those of the gradient whitened on the other side (KL-Shampoo).',
      ),
    correct_factor_bias: z
      .boolean()
      .default(false)
      .describe('Bias correction of the factors (Meta, NVIDIA, HeavyBall); without KL only their scale changes.'),
    start_preconditioning_step: period
      .default(1)
      .describe('Step that computes the first basis; before it, Adam in the original basis (Meta).'),
    skip_first_update: z
      .boolean()
      .default(true)
      .describe('The first step makes a basis and no update, so that no gradient stands in its own basis (authors).'),
    first_basis: z
      .enum(['eigh', 'qr'])
      .default('eigh')
      .describe('First basis: eigenvectors (authors), or power iterations from the identity (Meta).'),
    precondition_frequency: period.default(10).describe('Updates between two refreshes of the eigenbasis.'),
    refresh_timing: z
      .enum(['after_update', 'before_update'])
      .default('after_update')
      .describe(
        'Refresh after the update (authors), or before it with the current gradient in the factors (Meta, NVIDIA).',
      ),
    refresh_method: z
      .enum(['qr', 'eigh'])
      .default('qr')
      .describe('Refresh by power iterations with QR (paper, algorithm 4), or by a new eigendecomposition.'),
    power_iterations: period.default(1).describe('Power iterations a refresh with QR.'),
    sort_columns: z
      .enum(['before_qr', 'after_qr'])
      .default('before_qr')
      .describe('Sort the columns by eigenvalue before the power iterations (authors) or after them (Meta, NVIDIA).'),
    eigenvalue_order: z
      .enum(['descending', 'ascending'])
      .default('descending')
      .describe('Order of the columns; QR keeps the first ones best (ascending: Meta).'),
    second_moment_at_refresh: z
      .enum(['permute', 'keep'])
      .default('permute')
      .describe('The second moment follows the order of the columns (authors, HeavyBall), or stays (Meta, NVIDIA).'),
    refresh_tolerance: z
      .number()
      .min(0)
      .lt(1)
      .default(0)
      .describe(
        'A refresh is left out while the off-diagonal share of every QᵀGGQ is at most this; 0 never leaves one out.',
      )
      .meta(structure),
    max_refresh_failures: maxRefreshFailures,
    ...optionalAuxiliary,
  })
  .refine((o) => !o.skip_first_update || o.start_preconditioning_step === 1, {
    path: ['start_preconditioning_step'],
    error: 'must be 1 where `skip_first_update` is true: the skipped step makes the first basis',
  })
  .refine((o) => o.factor_update === 'outer' || o.eps > 0, {
    path: ['eps'],
    error: 'must be above 0 for `factor_update: kl`, which divides by the eigenvalues or by it',
  });

export type SoapOptions = z.infer<typeof soapOptions>;
