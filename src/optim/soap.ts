import { add, div, gather, mean, mul, reshape, sqrt, square, sub, type Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import {
  asMatrix,
  averageFactors,
  describeSides,
  onSides,
  project,
  projectBack,
  sidesOf,
  squareShapes,
  type SidePair,
  type Sides,
} from './kronecker.js';
import { eigenbasis, refreshBasis } from './matrix-functions.js';
import type { OptimizerDefinition, ParameterInfo, UpdateRule } from './optimizer.js';
import { beta, betas, epsilon, learningRate, period, weightDecay } from './option-types.js';
import { lerp } from './tensor-functions.js';

/**
 * SOAP: Adam in the eigenbasis of Shampoo's preconditioner.
 * Paper: Vyas et al., arXiv:2409.11321. Tested against the authors' code, nikhilvyas/SOAP a1e5535 (test/golden/soap-*.json).
 *
 * As in the authors' code: the first call only builds the first basis and updates no weight; the basis is refreshed after
 * the weights, at every `precondition_frequency`-th update; ε is added to the uncorrected root of V; V is permuted, not
 * rotated, when the basis changes; weight decay comes after the step.
 *
 * Deviations:
 * 1. M is rotated only when the basis changes. The authors rotate it out of and into the same basis at every call, which
 *    is the identity but for rounding.
 * 2. The vocabulary side of embedding and head is the identity whatever its size (`precondition_vocab: false`), as in the
 *    paper. The authors' code leaves it out only because a full vocabulary is larger than `max_precond_dim`.
 */
const soapOptions = z.strictObject({
  lr: learningRate.default(3e-3),
  betas: betas.default([0.95, 0.95]),
  shampoo_beta: beta
    .nullable()
    .default(null)
    .describe('Decay rate of the Kronecker factors; null takes the second of `betas`.'),
  eps: epsilon.default(1e-8).describe('Added to the root of the second moment before bias correction.'),
  weight_decay: weightDecay.default(0.01),
  precondition_frequency: period.default(10).describe('Updates between two refreshes of the eigenbasis.'),
  max_precond_dim: z
    .number()
    .int()
    .min(0)
    .default(10000)
    .describe('A side longer than this keeps the identity as its basis.'),
  merge_dims: z
    .boolean()
    .default(false)
    .describe('Treat a matrix of at most `max_precond_dim` elements as one vector with a full basis.'),
  precondition_1d: z.boolean().default(false).describe('Rotate vectors too.'),
  precondition_vocab: z.boolean().default(false).describe('Rotate the vocabulary side of embedding and head too.'),
  normalize_grads: z.boolean().default(false).describe('Scale the update of each tensor to root mean square 1.'),
  correct_bias: z.boolean().default(true).describe("Adam's bias correction."),
});

type SoapOptions = z.infer<typeof soapOptions>;
type Slot = 'm' | 'v' | 'L' | 'R' | 'QL' | 'QR';

function soapRule(options: SoapOptions): UpdateRule<Slot, 'stepSize' | 'keep', 'first' | 'plain' | 'refresh'> {
  const { eps, weight_decay, correct_bias, normalize_grads } = options;
  const [b1, b2] = options.betas;
  const factorBeta = options.shampoo_beta ?? b2;

  return {
    name: 'soap',

    stateShapes(parameter) {
      const sides = soapSides(parameter, options);
      return {
        m: parameter.shape,
        v: parameter.shape,
        ...squareShapes(sides, 'L', 'R'),
        ...squareShapes(sides, 'QL', 'QR'),
      };
    },

    phaseAt(call) {
      if (call === 1) return 'first';
      return (call - 1) % options.precondition_frequency === 0 ? 'refresh' : 'plain';
    },

    scalars({ number, lr }) {
      // The first call makes no update, so Adam's clock is one behind. At call 1 the scalars are not used.
      const t = Math.max(number - 1, 1);
      const correction = correct_bias ? Math.sqrt(1 - b2 ** t) / (1 - b1 ** t) : 1;
      return { stepSize: lr * correction, keep: 1 - lr * weight_decay };
    },

    update({ phase, scalars: { stepSize, keep } }, parameter, W, G, { m, v, L, R, QL, QR }) {
      const sides = soapSides(parameter, options);
      const factors = averageFactors(G, sides, onSides(sides, L, R), factorBeta);
      if (phase === 'first') {
        const first = (factor: Tensor | undefined) => factor && eigenbasis(factor, firstRidge);
        return { weight: W, state: named(factors, { left: first(factors.left), right: first(factors.right) }) };
      }

      const bases = onSides(sides, QL, QR);
      const rotated = project(G, sides, bases);
      const M = lerp(m, rotated, 1 - b1);
      const V = lerp(v, square(rotated), 1 - b2);
      let update = projectBack(div(M, add(sqrt(V), eps)), sides, bases);
      if (normalize_grads) update = div(update, add(sqrt(mean(square(update))), 1e-30));
      const weight = mul(sub(W, mul(stepSize, update)), keep);
      if (phase === 'plain') return { weight, state: { m: M, v: V, ...named(factors, {}) } };

      const left = refreshSide(factors.left, bases.left);
      const right = refreshSide(factors.right, bases.right);
      const refreshed = { left: left?.basis, right: right?.basis };
      return {
        weight,
        state: {
          m: project(projectBack(M, sides, bases), sides, refreshed),
          v: permute(V, sides, left?.order, right?.order),
          ...named(factors, refreshed),
        },
      };
    },

    describe(parameter) {
      const sides = soapSides(parameter, options);
      return sides.left || sides.right ? `SOAP, ${describeSides(sides)}` : 'Adam (no side rotated)';
    },
  };
}

/** Added to the first factor before its eigendecomposition, as the authors do. */
const firstRidge = 1e-30;

function soapSides(parameter: ParameterInfo, options: SoapOptions): Sides {
  const maxDim = options.max_precond_dim;
  const sides = sidesOf(parameter, {
    vectors: options.precondition_1d,
    vocabulary: options.precondition_vocab,
    maxDim,
  });
  const elements = sides.rows * sides.columns;
  const mayMerge = parameter.role === 'matrix' || options.precondition_vocab;
  if (options.merge_dims && parameter.shape.length === 2 && mayMerge && elements <= maxDim) {
    return { rows: elements, columns: 1, left: true, right: false };
  }
  return sides;
}

function refreshSide(factor: Tensor | undefined, basis: Tensor | undefined) {
  return factor && basis && refreshBasis(factor, basis);
}

/** V in the order of the refreshed bases' columns. */
function permute(V: Tensor, sides: Sides, rowOrder: Tensor | undefined, columnOrder: Tensor | undefined): Tensor {
  let result: Tensor = asMatrix(V, sides);
  if (rowOrder !== undefined) result = gather(result, rowOrder, 0);
  if (columnOrder !== undefined) result = gather(result, columnOrder, 1);
  return reshape(result, V.shape);
}

function named(factors: SidePair, bases: SidePair): Partial<Record<Slot, Tensor>> {
  const entries = { L: factors.left, R: factors.right, QL: bases.left, QR: bases.right };
  return Object.fromEntries(Object.entries(entries).filter(([, tensor]) => tensor !== undefined));
}

export const soap: OptimizerDefinition<SoapOptions> = {
  summary: "Adam in the eigenbasis of Shampoo's preconditioner, as its authors' code (arXiv:2409.11321)",
  options: soapOptions,
  route(options) {
    const rule = soapRule(options);
    return () => rule;
  },
};
