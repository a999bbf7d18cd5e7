import { add, div, matMul, mul, reverse, slice, sqrt, square, sub, type Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { symmetricEigen } from '../ops/linear-algebra.js';
import { requiredAuxiliary, routeRequired } from './auxiliary.js';
import type { OptimizerDefinition, ParameterInfo, UpdateRule } from './optimizer.js';
import { guarded } from './matrix/matrix-functions-guard.js';
import {
  betas,
  coefficient,
  epsilon,
  learningRate,
  maxRefreshFailures,
  period,
  structure,
  weightDecay,
} from './option-types.js';
import { lerp } from './matrix/tensor-functions.js';

/**
 * GaLore: Adam in the space of the gradient's leading singular vectors, on the shorter side of a hidden matrix.
 * Paper: Zhao et al., arXiv:2403.03507, Algorithm 2. Tested against those formulas in float64.
 *
 * Deviations:
 * 1. The singular vectors are computed as eigenvectors of G·Gᵀ (or Gᵀ·G), which has a native kernel.
 * 2. Decoupled weight decay, which the paper leaves out.
 */
const galoreOptions = z.strictObject({
  lr: learningRate.default(1e-2),
  betas: betas.default([0.9, 0.999]),
  eps: epsilon.default(1e-8).describe('Added to the root of the bias-corrected second moment.'),
  rank: z
    .number()
    .int()
    .min(1)
    .default(128)
    .describe('Singular vectors kept; at most the shorter side.')
    .meta(structure),
  precondition_frequency: period.default(200).describe('Steps between two choices of the singular vectors.'),
  scale: z
    .number()
    .positive()
    .default(0.25)
    .describe("Factor of the hidden matrices' learning rate, the paper's α.")
    .meta(coefficient),
  weight_decay: weightDecay.default(0).meta({ source: 'arXiv:1711.05101' }),
  max_refresh_failures: maxRefreshFailures,
  ...requiredAuxiliary(null),
});

type GaloreOptions = z.infer<typeof galoreOptions>;
type Slot = 'm' | 'v' | 'P';
type Scalar = 'stepSize' | 'bias2Root' | 'keep';

function galoreRule(options: GaloreOptions): UpdateRule<Slot, Scalar, 'plain' | 'refresh'> {
  const { eps, precondition_frequency: frequency, scale, weight_decay } = options;
  const [b1, b2] = options.betas;
  return {
    name: 'galore',
    maxRefreshFailures: options.max_refresh_failures,
    stateShapes(parameter) {
      const { rows, columns, isWide, rank } = layoutOf(parameter, options);
      const moments = isWide ? [rank, columns] : [rows, rank];
      return { m: moments, v: moments, P: [isWide ? rows : columns, rank] };
    },
    phaseAt: (step) => ((step - 1) % frequency === 0 ? 'refresh' : 'plain'),
    scalars: ({ number: t, lr }) => ({
      stepSize: (lr * scale) / (1 - b1 ** t),
      bias2Root: Math.sqrt(1 - b2 ** t),
      keep: 1 - lr * weight_decay,
    }),
    update({ phase, scalars: { stepSize, bias2Root, keep } }, parameter, W, G, { m, v, P: previous }) {
      const { isWide, rank } = layoutOf(parameter, options);
      const chosen =
        phase === 'refresh'
          ? guarded(matMul(G, G, !isWide, isWide), (usable) => ({ P: largestVectors(usable, rank) }), { P: previous })
          : undefined;
      const P = chosen?.result.P ?? previous;
      const R = isWide ? matMul(P, G, true, false) : matMul(G, P);
      const M = lerp(m, R, 1 - b1);
      const V = lerp(v, square(R), 1 - b2);
      const N = div(M, add(div(sqrt(V), bias2Root), eps));
      const back = isWide ? matMul(P, N) : matMul(N, P, false, true);
      return {
        weight: sub(mul(W, keep), mul(stepSize, back)),
        state: { m: M, v: V, ...(chosen && { P }) },
        refreshFailures: chosen?.failed,
      };
    },
    describe(parameter) {
      const { isWide, rank } = layoutOf(parameter, options);
      return `Adam on ${rank} singular vectors of the ${isWide ? 'left' : 'right'}`;
    },
  };
}

function layoutOf({ shape }: ParameterInfo, options: GaloreOptions) {
  const [rows, columns] = shape as readonly [number, number];
  return { rows, columns, isWide: rows <= columns, rank: Math.min(options.rank, rows, columns) };
}

/** Eigenvectors of the `count` largest eigenvalues of a symmetric matrix [d, d], as columns [d, count]. */
function largestVectors(matrix: Tensor, count: number): Tensor {
  const { vectors } = symmetricEigen(matrix);
  const [size] = vectors.shape;
  return reverse(slice(vectors, [0, size - count], [size, count]), 1);
}

export const galore: OptimizerDefinition<GaloreOptions> = {
  summary: 'Adam on the gradient’s largest singular vectors; AdamW for the rest (arXiv:2403.03507)',
  source: 'arXiv:2403.03507, formulas in float64',
  options: galoreOptions,
  route: (options) => routeRequired(galoreRule(options), options),
};
