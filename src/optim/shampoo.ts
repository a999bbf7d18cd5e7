import { add, addN, div, mul, sqrt, square, sub, type Tensor } from '@tensorflow/tfjs-core';
import { routeOptional } from './auxiliary.js';
import { blocksOf, cutBlock, joinBlocks, wholeBlock, type Block } from './matrix/kronecker-blocks.js';
import { accumulateFactors } from './matrix/kronecker-factors.js';
import {
  describeSides,
  onSides,
  project,
  sidesOf,
  squareShapes,
  type SidePair,
  type Sides,
} from './matrix/kronecker.js';
import type { OptimizerDefinition, ParameterInfo, UpdateRule } from './optimizer.js';
import { shampooOptions, type ShampooOptions } from './shampoo/options.js';
import { inverseRoots } from './shampoo/roots.js';
import { lerp, norm } from './matrix/tensor-functions.js';

/*
 * Shampoo with grafting.
 * Papers: Gupta et al., arXiv:1802.09568; Shi et al., arXiv:2309.06497 (Distributed Shampoo). Tested against
 * facebookresearch/optimizers f606606 (test/golden/shampoo-*.json).
 *
 * Deviations:
 * 1. Dimensions are never merged, and blocked only with `large_dims: blocks`: a matrix has one factor a side.
 * 2. The vocabulary side of embedding and head has no factor, as for SOAP; the exponent stays that of a matrix.
 * 3. Roots by Newton have a ridge of at least 1e-6 of the factor's norm, as in Anil et al., arXiv:2002.09018.
 */

type Scalar = 'lr' | 'decay' | 'bias1' | 'bias2' | 'graftBias2Root' | 'keepFactor' | 'takeFactor';
type Phase = 'graft' | 'plain' | 'refresh';

function shampooRule(options: ShampooOptions): UpdateRule<string, Scalar, Phase> {
  const { precondition_frequency: frequency, grafting, use_bias_correction } = options;
  const [b1, b2] = options.betas;
  const graftBeta = options.grafting_beta2 ?? b2;
  const start = options.start_preconditioning_step ?? frequency;
  const graftHasMoment = grafting === 'adam' || grafting === 'adagrad';
  const sums = options.factor_accumulation === 'sum';

  return {
    name: 'shampoo',
    maxRefreshFailures: options.max_refresh_failures,
    refreshAdvice:
      options.root_method === 'newton'
        ? 'Newton iterations converge with a larger epsilon or more newton_iterations; root_method=eigh does without them'
        : undefined,

    stateShapes(parameter) {
      const blocks = shampooBlocks(parameter, options).flatMap(({ suffix, sides }) => [
        squareShapes(sides, `L${suffix}`, `R${suffix}`),
        squareShapes(sides, `PL${suffix}`, `PR${suffix}`),
      ]);
      return Object.assign({ m: parameter.shape, ...(graftHasMoment && { v: parameter.shape }) }, ...blocks) as Record<
        string,
        readonly number[]
      >;
    },

    phaseAt(step) {
      if (step < start) return 'graft';
      return step === start || step % frequency === 0 ? 'refresh' : 'plain';
    },

    scalars({ number: t, lr }) {
      const bias = (beta: number) => (use_bias_correction ? 1 - beta ** t : 1);
      return {
        lr,
        decay: options.weight_decay,
        bias1: bias(b1),
        bias2: sums ? 1 : bias(b2),
        graftBias2Root: grafting === 'adam' ? Math.sqrt(bias(graftBeta)) : 1,
        keepFactor: sums ? 1 : b2,
        takeFactor: sums ? 1 : 1 - b2,
      };
    },

    update({ phase, scalars }, parameter, W, G, state) {
      const { lr, decay, bias1, bias2, graftBias2Root } = scalars;
      const M = lerp(state.m!, G, 1 - b1);
      const Mhat = div(M, bias1);
      let V: Tensor | undefined;
      if (grafting === 'adam') V = lerp(state.v!, square(G), 1 - graftBeta);
      else if (grafting === 'adagrad') V = add(state.v!, square(G));
      let graft: Tensor | undefined;
      if (V) graft = div(Mhat, add(div(sqrt(V), graftBias2Root), options.grafting_eps));
      else if (grafting === 'sgd') graft = Mhat;

      const whole = shampooSides(parameter, options);
      const blocks = shampooBlocks(parameter, options);
      const next: Record<string, Tensor> = { m: M, ...(V && { v: V }) };
      const failures: Tensor[] = [];
      const directions = blocks.map((block) => {
        const { suffix, sides } = block;
        const factors = accumulateFactors(
          cutBlock(G, whole, block),
          sides,
          onSides(sides, state[`L${suffix}`], state[`R${suffix}`]),
          { keep: scalars.keepFactor, take: scalars.takeFactor },
        );
        keep(next, factors, `L${suffix}`, `R${suffix}`);
        if (phase === 'graft') return undefined;

        let roots = onSides(sides, state[`PL${suffix}`], state[`PR${suffix}`]);
        if (phase === 'refresh') {
          const exponent = exponentOf(parameter, options);
          const computed = inverseRoots(factors, roots, { exponent, bias: bias2 }, options);
          roots = computed.roots;
          keep(next, roots, `PL${suffix}`, `PR${suffix}`);
          if (computed.failures) failures.push(computed.failures);
        }
        const direction = project(cutBlock(Mhat, whole, block), sides, roots);
        // Prevents 0/0 for a zero direction.
        return graft
          ? mul(direction, div(norm(cutBlock(graft, whole, block)), add(norm(direction), 1e-16)))
          : direction;
      });
      const direction = directions.every((part) => part !== undefined)
        ? joinBlocks(directions, blocks, W.shape)
        : (graft ?? Mhat);
      return {
        weight: sub(W, mul(lr, add(direction, mul(W, decay)))),
        state: next,
        refreshFailures: failures.length > 0 ? addN(failures) : undefined,
      };
    },

    describe(parameter) {
      const sides = shampooSides(parameter, options);
      if (!sides.left && !sides.right) {
        if (grafting === 'none' || grafting === 'sgd') return 'momentum (no side preconditioned)';
        return `${grafting === 'adam' ? 'Adam' : 'AdaGrad'} (no side preconditioned)`;
      }
      const blocks = shampooBlocks(parameter, options);
      const inBlocks = blocks.length > 1 ? `${blocks.length} blocks, the first ` : '';
      return `Shampoo, ${inBlocks}${describeSides(blocks[0]!.sides)}, exponent ${exponentOf(parameter, options)} a side`;
    },
  };
}

function shampooSides(parameter: ParameterInfo, options: ShampooOptions): Sides {
  return sidesOf(parameter, {
    vectors: true,
    vocabulary: options.precondition_vocab,
    maxDim: options.large_dims === 'blocks' ? Infinity : options.max_precond_dim,
  });
}

function shampooBlocks(parameter: ParameterInfo, options: ShampooOptions): readonly Block[] {
  const sides = shampooSides(parameter, options);
  return options.large_dims === 'blocks' ? blocksOf(sides, options.max_precond_dim) : wholeBlock(sides);
}

function exponentOf({ shape }: ParameterInfo, { inverse_exponent }: ShampooOptions): number {
  return inverse_exponent === 'per_order' ? 1 / (2 * shape.length) : inverse_exponent;
}

/** Stores the matrices of both sides, where present, in the state under these names. */
function keep(state: Record<string, Tensor>, { left, right }: SidePair, leftName: string, rightName: string): void {
  if (left) state[leftName] = left;
  if (right) state[rightName] = right;
}

export const shampoo: OptimizerDefinition<ShampooOptions> = {
  summary: 'Kronecker-factored preconditioning with grafting, as Distributed Shampoo (arXiv:2309.06497)',
  source: 'arXiv:1802.09568, arXiv:2309.06497; facebookresearch/optimizers f606606',
  options: shampooOptions,
  route: (options) => routeOptional(shampooRule(options), options),
};
