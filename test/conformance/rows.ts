import type { OptimizerName } from '../../src/optim/registry.js';

export interface Row {
  /** Options for the small problems of this table; what is left out takes its default. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Phases that 25 calls go through. */
  readonly phases: readonly string[];
  /** Options under which a side of length 12 has no factor; undefined when the optimizer has no factors. */
  readonly oversize?: Readonly<Record<string, unknown>>;
}

/** The one table over all optimizers: the type asks for a row of every optimizer in the registry. */
export const rows: Readonly<Record<OptimizerName, Row>> = {
  adamw: { options: { weight_decay: 0 }, phases: ['plain'] },
  shampoo: {
    options: { weight_decay: 0, precondition_frequency: 4, start_preconditioning_step: 6 },
    phases: ['first', 'graft', 'plain', 'refresh'],
    oversize: { max_precond_dim: 8 },
  },
  soap: {
    options: { weight_decay: 0, precondition_frequency: 4 },
    phases: ['first', 'plain', 'refresh'],
    oversize: { max_precond_dim: 8 },
  },
};
