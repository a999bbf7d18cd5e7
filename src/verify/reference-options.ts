import { SoapBenchError } from '../errors.js';
import type { OptimizerName } from '../optim/registry.js';

/** A reference implementation's run in this project's words. */
export interface Translation {
  readonly optimizer: OptimizerName;
  readonly options: Record<string, unknown>;
}

type Options = Readonly<Record<string, unknown>>;

/** For each reference implementation that golden files may name: what it is here. */
const translations: Record<string, (options: Options) => Translation> = {
  'torch.optim.AdamW': (options) => ({ optimizer: 'adamw', options }),

  // A negative `shampoo_beta` stands for betas[1] there. Its tensors have no vocabulary side but by their size.
  'nikhilvyas/SOAP': ({ shampoo_beta, ...options }) => ({
    optimizer: 'soap',
    options: {
      ...options,
      shampoo_beta: typeof shampoo_beta === 'number' && shampoo_beta >= 0 ? shampoo_beta : null,
      precondition_vocab: true,
    },
  }),

  'facebookresearch/optimizers DistributedShampoo': (options) => ({
    optimizer: 'shampoo',
    options: {
      lr: options.lr,
      betas: options.betas,
      epsilon: options.epsilon,
      weight_decay: options.weight_decay,
      precondition_frequency: options.precondition_frequency,
      start_preconditioning_step: options.start_preconditioning_step === -1 ? null : options.start_preconditioning_step,
      inverse_exponent: options.inverse_exponent === '1/(2*order)' ? 'per_order' : options.inverse_exponent,
      grafting: options.grafting ?? 'none',
      max_precond_dim: options.max_preconditioner_dim,
      use_bias_correction: options.use_bias_correction,
      precondition_vocab: true,
    },
  }),
};

/**
 * Translates what a golden file says of its reference. The file's words are the implementation's name, the commit that was
 * run, and remarks.
 * @throws SoapBenchError `reference_unknown` when no optimizer here follows that reference.
 */
export function translateReference(reference: string, options: Options): Translation {
  const name = Object.keys(translations).find((known) => known.split(' ').every((word) => reference.includes(word)));
  if (name === undefined) {
    throw new SoapBenchError('reference_unknown', `no optimizer here follows ${reference}`, {
      hint: `known references: ${Object.keys(translations).join(', ')}`,
    });
  }
  return translations[name]!(options);
}
