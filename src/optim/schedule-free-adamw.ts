import { add, div, maximum, mul, sqrt, square, sub } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { OptimizerDefinition, Step, UpdateRule } from './optimizer.js';
import { beta, coefficient, epsilon, learningRate, warmupSteps, weightDecay } from './option-types.js';
import { lerp } from './matrix/tensor-functions.js';

/**
 * Schedule-free AdamW: averages the weights instead of decaying the learning rate.
 * Paper: Defazio et al., arXiv:2405.15682. Tested against the authors' code, in the EPFL benchmark's copy
 * (test/golden/schedule-free-adamw.json).
 *
 * The stored weights are y, where gradients are taken. AdamW moves z. Evaluation uses the average x, which follows from
 * y = (1 − β₁)·z + β₁·x.
 *
 * Deviations:
 * 1. z is stored as the difference z − y, which starts at zero like all state.
 * 2. Steps are weighted by the square of the largest learning rate so far (the authors' default), not by a power of t.
 */
const scheduleFreeOptions = z.strictObject({
  lr: learningRate.default(2.5e-3).describe('Learning rate after the warm-up; `train.schedule` does not change it.'),
  betas: z
    .tuple([beta.gt(0), beta])
    .default([0.9, 0.999])
    .describe('Weight of the average where gradients are taken, and decay rate of the second moment.')
    .meta(coefficient),
  warmup_steps: warmupSteps.describe('Steps over which the learning rate rises from 0.'),
  eps: epsilon.default(1e-8).describe('Added to the root of the bias-corrected second moment.'),
  weight_decay: weightDecay.default(0.1),
});

type ScheduleFreeOptions = z.infer<typeof scheduleFreeOptions>;
type Slot = 'v' | 'lead' | 'largest' | 'total';

function scheduleFreeRule(options: ScheduleFreeOptions): UpdateRule<Slot, 'lr' | 'bias2Root', 'plain'> {
  const { eps, weight_decay, warmup_steps } = options;
  const [b1, b2] = options.betas;
  const rateAt = ({ number, lr }: Step) => lr * Math.min(1, number / Math.max(1, warmup_steps));
  return {
    name: 'schedule-free-adamw',
    constantRate: true,
    rateAt,
    // The learning rate and weight of a step depend on earlier steps, so they are state: one number per tensor.
    stateShapes: ({ shape }) => ({ v: shape, lead: shape, largest: [], total: [] }),
    phaseAt: () => 'plain',
    scalars: (step) => ({ lr: rateAt(step), bias2Root: Math.sqrt(1 - b2 ** step.number) }),
    update({ scalars: { lr, bias2Root } }, _parameter, y, G, state) {
      const V = lerp(state.v, square(G), 1 - b2);
      const direction = add(div(G, add(div(sqrt(V), bias2Root), eps)), mul(y, weight_decay));
      const largest = maximum(state.largest, lr);
      const weight = square(largest);
      const total = add(state.total, weight);
      const share = div(weight, total); // the part of the average that this step makes up
      const keep = sub(1, share);
      const towardsZ = add(y, mul(share, state.lead));
      const stepOfY = mul(lr, sub(1, mul(keep, b1)));
      return {
        weight: sub(towardsZ, mul(stepOfY, direction)),
        state: { v: V, lead: mul(keep, sub(state.lead, mul(mul(lr, b1), direction))), largest, total },
      };
    },
    evaluationWeight: (y, { lead }) => add(y, mul(lead, 1 - 1 / b1)),
    describe: () => 'schedule-free AdamW, evaluated at the average',
  };
}

export const scheduleFreeAdamw: OptimizerDefinition<ScheduleFreeOptions> = {
  summary: 'AdamW that averages its weights and needs no schedule (arXiv:2405.15682)',
  source: 'arXiv:2405.15682; epfml/llm-optimizer-benchmark fdecd5d',
  options: scheduleFreeOptions,
  route(options) {
    const rule = scheduleFreeRule(options);
    return () => rule;
  },
};
