import { SoapBenchError } from '../errors.js';
import type { OptimizerName } from '../optim/registry.js';

/** The optimizer and options here that correspond to a reference implementation's. */
export interface Translation {
  readonly optimizer: OptimizerName;
  readonly options: Record<string, unknown>;
}

type Options = Readonly<Record<string, unknown>>;

/** Differences of Meta's eigenvalue-corrected Shampoo from the authors' SOAP, as in configs/optimizer/soap-meta.yaml. */
const metaSoap = {
  skip_first_update: false,
  first_basis: 'qr',
  refresh_timing: 'before_update',
  sort_columns: 'after_qr',
  eigenvalue_order: 'ascending',
  second_moment_at_refresh: 'keep',
  eps_placement: 'corrected',
  weight_decay_timing: 'before_update',
  correct_factor_bias: true,
} as const;

/** Differences of NVIDIA's SOAP from the authors', as in configs/optimizer/soap-nvidia.yaml. */
const nvidiaSoap = {
  skip_first_update: false,
  precondition_frequency: 1,
  refresh_timing: 'before_update',
  sort_columns: 'after_qr',
  second_moment_at_refresh: 'keep',
  eps_placement: 'corrected',
  weight_decay_timing: 'before_update',
  correct_factor_bias: true,
} as const;

/** Translations of all reference implementations that golden files may name. */
const translations: Record<string, (options: Options) => Translation> = {
  'torch.optim.AdamW': (options) => ({ optimizer: 'adamw', options }),
  'torch.optim.SGD': (options) => ({ optimizer: 'sgd', options }),
  'torch.optim.Muon': (options) => ({ optimizer: 'muon', options: { ...options, ns_precision: 'bfloat16' } }),
  'torch.optim.Adafactor': ({ eps, d, ...options }) => {
    const [eps1, eps2] = eps as [number | null, number];
    return { optimizer: 'adafactor', options: { ...options, clip_threshold: d, eps2, ...(eps1 !== null && { eps1 }) } };
  },

  'epfml/llm-optimizer-benchmark lion.py': (options) => ({ optimizer: 'lion', options }),
  'epfml/llm-optimizer-benchmark ademamix.py': (options) => ({ optimizer: 'ademamix', options }),
  'epfml/llm-optimizer-benchmark adopt.py': ({ lr, betas, eps, weight_decay }) => ({
    optimizer: 'adopt',
    options: { lr, betas, eps, weight_decay },
  }),
  'epfml/llm-optimizer-benchmark mars.py': (options) => ({
    optimizer: 'mars',
    options: {
      lr: options.lr,
      betas: options.betas,
      eps: options.eps,
      weight_decay: options.weight_decay,
      gamma: options.gamma,
      auxiliary_lr: options.lr_1d,
      auxiliary_betas: options.betas_1d,
      auxiliary_weight_decay: options.weight_decay_1d,
    },
  }),
  'epfml/llm-optimizer-benchmark schedulefree.py': (options) => ({
    optimizer: 'schedule-free-adamw',
    options: {
      lr: options.lr,
      betas: options.betas,
      eps: options.eps,
      weight_decay: options.weight_decay,
      warmup_steps: options.warmup_steps,
    },
  }),

  // There, a negative `shampoo_beta` means betas[1], and a vocabulary side is only recognized by its length.
  'nikhilvyas/SOAP': ({ shampoo_beta, ...options }) => ({
    optimizer: 'soap',
    options: {
      ...options,
      shampoo_beta: typeof shampoo_beta === 'number' && shampoo_beta >= 0 ? shampoo_beta : null,
      precondition_vocab: true,
    },
  }),

  'facebookresearch/optimizers EigenvalueCorrectedShampoo QR': (options) => ({
    optimizer: 'soap',
    options: {
      ...metaSoap,
      lr: options.lr,
      betas: options.betas,
      eps: options.epsilon,
      weight_decay: options.weight_decay,
      precondition_frequency: options.precondition_frequency,
      start_preconditioning_step: options.start_preconditioning_step,
      max_precond_dim: options.max_preconditioner_dim,
      correct_bias: options.use_bias_correction,
      correct_factor_bias: options.use_bias_correction,
      precondition_vocab: true,
    },
  }),

  'NVIDIA-NeMo/Emerging-Optimizers legacy_soap.SOAP': (options) => ({
    optimizer: 'soap',
    options: {
      ...nvidiaSoap,
      lr: options.lr,
      betas: options.betas,
      shampoo_beta: options.shampoo_beta,
      eps: options.eps,
      weight_decay: options.weight_decay,
      factor_update: options.use_kl_shampoo === true ? 'kl' : 'outer',
      precondition_vocab: true,
    },
  }),

  'facebookresearch/optimizers DistributedShampoo': (options) => ({
    optimizer: 'shampoo',
    options: {
      lr: options.lr,
      ...accumulation(options.betas),
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

/** In the reference, a second beta of 1 means sums. */
function accumulation(betas: unknown): Record<string, unknown> {
  const isSum = Array.isArray(betas) && betas[1] === 1;
  return isSum ? { betas: [betas[0], 0], factor_accumulation: 'sum' } : { betas };
}

/**
 * Translates a golden file's reference: the implementation's name, the commit that was run, and remarks.
 * @throws SoapBenchError `reference_unknown` if no optimizer here follows that reference.
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
