import { adamwRule } from './adamw.js';
import type { ParameterInfo, UpdateRule } from './optimizer.js';
import { betas, coefficient, learningRate, partWhenNotZero, weightDecay } from './option-types.js';

/*
 * Embedding, head and vectors beside the hidden matrices. Matrix optimizers leave them to AdamW, whose best learning rate
 * is another one, so that it has to be tuned on its own.
 */

/** Source of the auxiliary AdamW and its values. */
const source = 'KellerJordan/modded-nanogpt f411b3d';

const lr = learningRate.nullable();

const others = {
  auxiliary_betas: betas
    .default([0.9, 0.95])
    .describe("AdamW's decay rates for the tensors under `auxiliary_lr`.")
    .meta({ source }),
  auxiliary_weight_decay: weightDecay
    .nullable()
    .default(null)
    .describe('Weight decay of the tensors under `auxiliary_lr`; null takes `weight_decay`.')
    .meta({ source, ...coefficient }),
};

/** Options of optimizers that update every tensor themselves by default. */
export const optionalAuxiliary = {
  auxiliary_lr: lr
    .default(null)
    .describe('Peak learning rate of AdamW for embedding, head and vectors; null leaves them to the optimizer itself.')
    .meta({ source, ...partWhenNotZero }),
  ...others,
};

/** Options of optimizers that always leave `tensors` to AdamW. */
export const requiredAuxiliary = (fallback: number | null, tensors = 'embedding, head and vectors') => ({
  auxiliary_lr: lr
    .default(fallback)
    .describe(`Peak learning rate of AdamW for ${tensors}; null takes \`lr\`.`)
    .meta({ source }),
  ...others,
});

/** The parsed options, with the keys of the YAML. */
export interface AuxiliaryOptions {
  readonly lr: number;
  readonly weight_decay: number;
  readonly auxiliary_lr: number | null;
  readonly auxiliary_betas: [number, number];
  readonly auxiliary_weight_decay: number | null;
}

/** Returns true for every parameter except hidden matrices. */
export function isAuxiliary({ role }: ParameterInfo): boolean {
  return role !== 'matrix';
}

/** Routes embedding, head and vectors to AdamW, or everything to `rule` if `auxiliary_lr` is null. */
export function routeOptional(rule: UpdateRule, options: AuxiliaryOptions): (parameter: ParameterInfo) => UpdateRule {
  return options.auxiliary_lr === null ? () => rule : routeRequired(rule, options);
}

/** Routes the parameters that `goes` selects (embedding, head and vectors by default) to AdamW, and the others to `rule`. */
export function routeRequired(
  rule: UpdateRule,
  options: AuxiliaryOptions,
  goes: (parameter: ParameterInfo) => boolean = isAuxiliary,
): (parameter: ParameterInfo) => UpdateRule {
  const auxiliary = auxiliaryRule(options);
  return (parameter) => (goes(parameter) ? auxiliary : rule);
}

/** AdamW with the same schedule, scaled to its own peak learning rate. */
function auxiliaryRule(options: AuxiliaryOptions): UpdateRule {
  const rule = adamwRule({
    lr: options.lr,
    betas: options.auxiliary_betas,
    eps: 1e-8,
    weight_decay: options.auxiliary_weight_decay ?? options.weight_decay,
  });
  const peak = options.auxiliary_lr ?? options.lr;
  const scale = peak / options.lr;
  return {
    ...rule,
    scalars: (step) => rule.scalars({ ...step, lr: step.lr * scale }),
    describe: () => `AdamW with learning rate ${peak}`,
  };
}
