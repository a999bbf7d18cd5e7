import { add, div, maximum, mean, mul, sqrt, square, sub, type Tensor } from '@tensorflow/tfjs-core';
import { routeOptional } from './auxiliary.js';
import { accumulateFactors, accumulateKlFactors, averaging, type Spectra } from './matrix/kronecker-factors.js';
import {
  describeSides,
  onSides,
  project,
  projectBack,
  sidesOf,
  smallerSide,
  squareShapes,
  type SidePair,
  type Sides,
} from './matrix/kronecker.js';
import type { OptimizerDefinition, ParameterInfo, UpdateInput, UpdateRule } from './optimizer.js';
import { firstBases, refreshedBases } from './soap/bases.js';
import { inspectBases } from './soap/inspection.js';
import { soapOptions, type SoapOptions } from './soap/options.js';
import { secondMomentOf, type Moments } from './soap/second-moment.js';
import { lerp } from './matrix/tensor-functions.js';

/*
 * SOAP: Adam in the eigenbasis of Shampoo's preconditioner.
 * Paper: Vyas et al., arXiv:2409.11321. Tested against the authors' code, nikhilvyas/SOAP a1e5535, against Meta's
 * eigenvalue-corrected Shampoo (facebookresearch/optimizers f606606) and NVIDIA's SOAP (NVIDIA-NeMo/Emerging-Optimizers
 * fd77292) with and without KL-Shampoo's factors: test/golden/soap-*.json.
 *
 * As in the authors' code unless options say otherwise: the first step only builds the first basis and updates no weight; the
 * basis is refreshed after the weights, at every `precondition_frequency`-th update; ε is added to the uncorrected root of V;
 * V is permuted, not rotated, when the basis changes; weight decay comes after the step.
 *
 * Deviations:
 * 1. M is rotated only when the basis changes. The authors rotate it out of and into the same basis at every step, which
 *    is the identity but for rounding.
 * 2. The vocabulary side of embedding and head is the identity whatever its size (`precondition_vocab: false`), as in the
 *    paper. The authors' code leaves it out only because a full vocabulary is larger than `max_precond_dim`.
 * 3. Meta's ridge on the factors before QR is left out: at its size it is below rounding.
 */

type Slot = 'm' | keyof Moments | 'L' | 'R' | 'QL' | 'QR' | 'EL' | 'ER';
type Scalar = 'stepSize' | 'epsilon' | 'keepWeight' | 'keepFactor' | 'takeFactor';
type Phase = 'identity' | 'first' | 'plain' | 'refresh';
type Scalars = UpdateInput<Scalar>['scalars'];

/** Adam's moments and the bases that they refer to. */
interface Place {
  readonly M: Tensor;
  readonly V: Moments;
  readonly spectra: Spectra;
}

const noBases: Spectra = { bases: {}, eigenvalues: {} };

function soapRule(options: SoapOptions): UpdateRule<Slot, Scalar, Phase> {
  const { skip_first_update, refresh_timing, start_preconditioning_step: start } = options;
  const [b1, b2] = options.betas;
  const hasEigenvalues = options.factor_update === 'kl';
  // If the first step makes no update, Adam counts one step less.
  const clock = (step: number) => step - (skip_first_update ? 1 : 0);

  return {
    name: 'soap',
    maxRefreshFailures: options.max_refresh_failures,
    refreshTolerance: options.refresh_tolerance === 0 ? undefined : options.refresh_tolerance,
    inspectableAfter: start,

    stateShapes(parameter) {
      const sides = soapSides(parameter, options);
      return {
        m: parameter.shape,
        ...secondMomentOf(options.second_moment, sides).stateShapes(parameter.shape, sides),
        ...squareShapes(sides, 'L', 'R'),
        ...squareShapes(sides, 'QL', 'QR'),
        ...(hasEigenvalues && sides.left && { EL: [sides.rows] }),
        ...(hasEigenvalues && sides.right && { ER: [sides.columns] }),
      };
    },

    phaseAt(step, isSettled = false) {
      if (step < start) return 'identity';
      if (step === start) return 'first';
      return clock(step) % options.precondition_frequency === 0 && !isSettled ? 'refresh' : 'plain';
    },

    scalars({ number, lr }) {
      // A skipped step does not use its scalars.
      const t = Math.max(clock(number), 1);
      const [bias1, bias2] = options.correct_bias ? [1 - b1 ** t, Math.sqrt(1 - b2 ** t)] : [1, 1];
      const { keep, take } = averaging(options.shampoo_beta ?? b2, number, options.correct_factor_bias);
      return {
        // M/bias1 / (√V/bias2 + ε) = (bias2/bias1) · M / (√V + bias2·ε), so the placement of ε only changes its size.
        stepSize: (lr * bias2) / bias1,
        epsilon: options.eps_placement === 'uncorrected' ? options.eps : options.eps * bias2,
        keepWeight: 1 - lr * options.weight_decay,
        keepFactor: keep,
        takeFactor: take,
      };
    },

    update({ phase, scalars }, parameter, W, G, state) {
      const sides = soapSides(parameter, options);
      const moments = secondMomentOf(options.second_moment, sides);
      const stored: Spectra =
        phase === 'identity' || phase === 'first'
          ? noBases
          : { bases: onSides(sides, state.QL, state.QR), eigenvalues: onSides(sides, state.EL, state.ER) };
      const factors = takeUp(G, sides, onSides(sides, state.L, state.R), stored, scalars);

      let at: Place = { M: state.m, V: moments.of(state), spectra: stored };
      let failures: Tensor | undefined;
      const changeBases = () => {
        const next = phase === 'first' ? firstBases(factors, options) : refreshedBases(factors, stored, options);
        const M = project(projectBack(at.M, sides, at.spectra.bases), sides, next.bases);
        at = { M, V: moments.permute(at.V, sides, next.orders), spectra: next };
        failures = next.failures;
      };

      let weight = W;
      const isDue = phase === 'first' || phase === 'refresh';
      if (isDue && refresh_timing === 'before_update') changeBases();
      if (phase !== 'first' || !skip_first_update) {
        const rotated = project(G, sides, at.spectra.bases);
        at = { ...at, M: lerp(at.M, rotated, 1 - b1), V: moments.average(at.V, rotated, sides, b2) };
        weight = stepped(W, at.M, moments.root(at.V, W.shape), sides, at.spectra.bases, scalars);
      }
      if (isDue && refresh_timing === 'after_update') changeBases();

      const { bases, eigenvalues } = isDue ? at.spectra : noBases;
      return {
        weight,
        state: {
          m: at.M,
          ...at.V,
          ...present({ L: factors.left, R: factors.right }),
          ...present({ QL: bases.left, QR: bases.right, EL: eigenvalues.left, ER: eigenvalues.right }),
        },
        refreshFailures: failures,
      };
    },

    inspect(parameter, state) {
      const sides = soapSides(parameter, options);
      return inspectBases(onSides(sides, state.L, state.R), onSides(sides, state.QL, state.QR));
    },

    describe(parameter) {
      const sides = soapSides(parameter, options);
      if (!sides.left && !sides.right) return 'Adam (no side rotated)';
      const isFactorized = secondMomentOf(options.second_moment, sides) !== secondMomentOf('full', sides);
      return `SOAP, ${describeSides(sides)}${isFactorized ? ', second moment factorized' : ''}`;
    },
  };

  function takeUp(G: Tensor, sides: Sides, old: SidePair, spectra: Spectra, scalars: Scalars): SidePair {
    const accumulation = { keep: scalars.keepFactor, take: scalars.takeFactor };
    return hasEigenvalues
      ? accumulateKlFactors(G, sides, old, spectra, options.eps, accumulation)
      : accumulateFactors(G, sides, old, accumulation);
  }

  /** Takes Adam's step from the moments in the bases, and returns the new weight. */
  function stepped(W: Tensor, M: Tensor, root: Tensor, sides: Sides, bases: SidePair, scalars: Scalars): Tensor {
    const { epsilon, stepSize, keepWeight } = scalars;
    const denominator = options.eps_placement === 'floor' ? maximum(root, epsilon) : add(root, epsilon);
    let update = projectBack(div(M, denominator), sides, bases);
    if (options.normalize_grads) update = div(update, add(sqrt(mean(square(update))), 1e-30));
    const change = mul(stepSize, update);
    return options.weight_decay_timing === 'before_update'
      ? sub(mul(W, keepWeight), change)
      : mul(sub(W, change), keepWeight);
  }
}

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
  return options.one_sided ? smallerSide(sides) : sides;
}

/** Drops the entries without a tensor. */
function present(entries: Partial<Record<Slot, Tensor | undefined>>): Partial<Record<Slot, Tensor>> {
  return Object.fromEntries(Object.entries(entries).filter(([, tensor]) => tensor !== undefined));
}

export const soap: OptimizerDefinition<SoapOptions> = {
  summary: "Adam in the eigenbasis of Shampoo's preconditioner, as its authors' code (arXiv:2409.11321)",
  source: 'arXiv:2409.11321; nikhilvyas/SOAP a1e5535',
  options: soapOptions,
  route: (options) => routeOptional(soapRule(options), options),
};
