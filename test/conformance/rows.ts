import type { OptimizerName } from '../../src/optim/registry.js';

export interface Row {
  /** Options for the small problems of this table; what is left out takes its default. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Peak learning rate on a problem, where it is not 0.1. */
  readonly lr?: (problem: string) => number;
  /** Options under which weights decay by lr · weight_decay at every step; `averaged` where they lag behind. */
  readonly decay?: Readonly<Record<string, unknown>> | 'averaged';
  /** Phases that 25 steps go through. */
  readonly phases: readonly string[];
  /** Options under which a side of length 12 has no factor; undefined when the optimizer has no factors. */
  readonly oversize?: Readonly<Record<string, unknown>>;
}

/** The one table over all optimizers: the type asks for a row of every optimizer in the registry. */
export const rows: Readonly<Record<OptimizerName, Row>> = {
  adamw: { options: { weight_decay: 0 }, phases: ['plain'] },
  shampoo: {
    options: { weight_decay: 0, precondition_frequency: 4, start_preconditioning_step: 6 },
    phases: ['graft', 'plain', 'refresh'],
    oversize: { max_precond_dim: 8 },
  },
  soap: {
    options: { weight_decay: 0, precondition_frequency: 4 },
    phases: ['first', 'plain', 'refresh'],
    oversize: { max_precond_dim: 8 },
  },
  // Its weight decay goes through the momentum.
  sgd: {
    options: { weight_decay: 0 },
    decay: { momentum: 0, nesterov: false },
    lr: (problem) => (problem === 'Rosenbrock' ? 2e-3 : 0.1),
    phases: ['plain'],
  },
  // Weights start at zero, and steps are relative to them.
  adafactor: { options: { weight_decay: 0, eps2: 1 }, phases: ['plain'] },
  lion: { options: { weight_decay: 0, betas: [0.9, 0.9] }, phases: ['plain'] },
  muon: { options: { weight_decay: 0, auxiliary_lr: null }, phases: ['plain+plain'], lr: () => 0.2 },
  ademamix: { options: { weight_decay: 0, betas: [0.9, 0.99, 0.98], alpha: 2 }, phases: ['plain'] },
  adopt: { options: { weight_decay: 0, betas: [0.9, 0.99] }, phases: ['first', 'plain'], lr: () => 0.2 },
  mars: { options: { weight_decay: 0 }, phases: ['first+plain', 'plain+plain'] },
  'schedule-free-adamw': { options: { weight_decay: 0 }, decay: 'averaged', phases: ['plain'] },
  galore: {
    options: { weight_decay: 0, scale: 1, rank: 4, betas: [0.9, 0.95], precondition_frequency: 4 },
    phases: ['plain+plain', 'refresh+plain'],
  },
  kron: {
    options: { weight_decay: 0, flat_start: 10, precondition_frequency: 4 },
    phases: ['first', 'fit', 'plain'],
    oversize: { max_precond_dim: 8 },
  },
};
