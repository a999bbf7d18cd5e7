import { div, minimum, mul, sub, type Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { optionalAuxiliary, routeOptional } from './auxiliary.js';
import { apply, fitted, initial, sidesOf, type KronSide, type KronState } from './kron/preconditioner.js';
import type { OptimizerDefinition, ParameterInfo, UpdateRule } from './optimizer.js';
import { beta, coefficient, learningRate, period, structure, weightDecay } from './option-types.js';
import { lerp, norm } from './matrix/tensor-functions.js';

/**
 * PSGD Kron: whitens the momentum with a Kronecker-factored preconditioner that is itself fitted by gradient steps.
 * Papers: Li, arXiv:1512.04202 and arXiv:2402.11858, with the multiplicative update of P from the author's later code
 * ("QUAD"), which needs no triangular solver. Tested against those formulas in float64.
 *
 * Deviations:
 * 1. Nothing is random: P is fitted at fixed steps, its factors are balanced each time, and the noise that damps the
 *    gradient is replaced by its expectation.
 * 2. P starts at the inverse root mean square of the first gradient.
 * 3. Both sides of a matrix are dense up to `max_precond_dim`, whatever their ratio. The vocabulary side of embedding and
 *    head is diagonal.
 */
const kronOptions = z.strictObject({
  lr: learningRate.default(1e-3),
  momentum: beta.default(0.9).describe('Decay rate of the momentum.'),
  weight_decay: weightDecay.default(0.1),
  preconditioner_lr: z
    .number()
    .positive()
    .max(1)
    .default(0.1)
    .describe('Relative step of the preconditioner.')
    .meta(coefficient),
  preconditioner_beta: beta.default(0.9).describe("Decay rate of the bound on the preconditioner's curvature."),
  damping: z.number().positive().default(1e-9).describe('Size of gradients that count as noise.').meta(coefficient),
  flat_start: z
    .number()
    .int()
    .min(0)
    .default(250)
    .describe('Steps at the beginning that all refit the preconditioner.')
    .meta(structure),
  precondition_frequency: period.default(10).describe('Steps between two fits after that.'),
  max_precond_dim: z
    .number()
    .int()
    .min(0)
    .default(8192)
    .describe('A side longer than this has a diagonal factor.')
    .meta(structure),
  max_update_rms: z
    .number()
    .positive()
    .default(2)
    .describe('Root mean square that the update is clipped to.')
    .meta(coefficient),
  ...optionalAuxiliary,
});

type KronOptions = z.infer<typeof kronOptions>;
type Slot = 'm' | KronState;
type Phase = 'first' | 'fit' | 'plain';

function kronRule(options: KronOptions): UpdateRule<Slot, 'lr' | 'bias1' | 'keep', Phase> {
  const { momentum, weight_decay, flat_start, precondition_frequency: frequency, max_update_rms } = options;
  return {
    name: 'kron',
    stateShapes(parameter) {
      const shapes: Record<string, readonly number[]> = { m: parameter.shape };
      for (const { slot, size, isDense } of kronSides(parameter, options)) {
        shapes[slot] = isDense ? [size, size] : [size];
        shapes[`${slot}/bound`] = [];
      }
      return shapes;
    },
    phaseAt(step) {
      if (step === 1) return 'first';
      return step <= flat_start || step % frequency === 0 ? 'fit' : 'plain';
    },
    scalars: ({ number: t, lr }) => ({ lr, bias1: 1 - momentum ** t, keep: 1 - lr * weight_decay }),
    update({ phase, scalars: { lr, bias1, keep } }, parameter, W, G, state) {
      const sides = kronSides(parameter, options);
      const M = lerp(state.m, G, 1 - momentum);
      const Mhat = div(M, bias1);
      const factors = phase === 'first' ? initial(Mhat, sides, options.damping) : sides.map(({ slot }) => state[slot]);
      const whitened = apply(factors, sides, Mhat);
      const update = mul(whitened, clipping(whitened, max_update_rms));
      return {
        weight: sub(mul(W, keep), mul(lr, update)),
        state: { m: M, ...(phase !== 'plain' && fitted(factors, sides, whitened, state, options)) },
      };
    },
    describe(parameter) {
      const text = ({ size, isDense }: KronSide) => (isDense ? `${size}×${size}` : `diagonal (${size})`);
      return `Kron, ${kronSides(parameter, options).map(text).join(' and ')}`;
    },
  };
}

function kronSides({ shape, role }: ParameterInfo, { max_precond_dim }: KronOptions): KronSide[] {
  return sidesOf(shape, { maxDim: max_precond_dim, isFirstDiagonal: role === 'embedding' || role === 'head' });
}

/** The factor that limits the root mean square to `maximum`. */
function clipping(x: Tensor, maximum: number): Tensor {
  return minimum(div(maximum * Math.sqrt(x.size), norm(x)), 1);
}

export const kron: OptimizerDefinition<KronOptions> = {
  summary: 'PSGD: a Kronecker-factored preconditioner fitted by gradient steps (arXiv:2402.11858)',
  source: 'arXiv:2402.11858 and lixilinx/psgd_torch, formulas in float64',
  options: kronOptions,
  route: (options) => routeOptional(kronRule(options), options),
};
