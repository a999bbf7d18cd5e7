/*
 * What is measured: the cases of peer/bench.py with the same optimizer settings, one that is small enough for tests, and
 * the paper's 360m model at its full size, which has no peer.
 */

/**
 * A model and its batch.
 * @typedef {object} Case
 * @property {number} vocab
 * @property {number} d_model
 * @property {number} n_layer
 * @property {number} n_head
 * @property {number} context Tokens a sequence.
 * @property {number} sequences Sequences a batch.
 * @property {number} matmul Size of the square product whose speed counts as the machine's ceiling.
 */

/** @satisfies {Record<string, Case>} */
export const cases = {
  tiny: { vocab: 32, d_model: 16, n_layer: 1, n_head: 2, context: 8, sequences: 2, matmul: 64 },
  eighth: { vocab: 256, d_model: 128, n_layer: 3, n_head: 2, context: 128, sequences: 32, matmul: 2048 },
  quarter: { vocab: 1024, d_model: 256, n_layer: 6, n_head: 4, context: 256, sequences: 16, matmul: 2048 },
  half: { vocab: 4096, d_model: 512, n_layer: 12, n_head: 8, context: 256, sequences: 8, matmul: 2048 },
  full: { vocab: 32128, d_model: 1024, n_layer: 24, n_head: 16, context: 256, sequences: 1, matmul: 2048 },
};

/** @typedef {keyof typeof cases} CaseName */

/** Those whose steps are timed. */
export const caseNames = /** @type {CaseName[]} */ (Object.keys(cases)).filter((name) => name !== 'full');

/** @typedef {'adamw' | 'soap' | 'shampoo'} BenchedOptimizer */

/** @type {BenchedOptimizer[]} */
export const benchedOptimizers = ['adamw', 'soap', 'shampoo'];

export const learningRate = 1e-3;

/** Steps between two refreshes of a preconditioner; timed steps come in whole periods of it. */
export const period = 10;

/**
 * Options of our optimizers that make them do the peer's work. The peer limits factors to four times the width, whatever a
 * side stands for, so the vocabulary side of embedding and head is preconditioned where it is that short. A longer side has
 * no factor in SOAP, and blocks with a factor each in Distributed Shampoo.
 * @param {BenchedOptimizer} optimizer
 * @param {Case} size
 */
export function optimizerOptions(optimizer, { d_model }) {
  const common = { lr: learningRate, betas: [0.95, 0.95], weight_decay: 1e-4 };
  const sides = { precondition_frequency: period, max_precond_dim: 4 * d_model, precondition_vocab: true };
  switch (optimizer) {
    case 'adamw':
      return common;
    case 'soap':
      return { ...common, ...sides };
    case 'shampoo':
      return {
        ...common,
        ...sides,
        epsilon: 1e-12,
        large_dims: 'blocks',
        inverse_exponent: 0.4,
        grafting: 'adam',
        grafting_beta2: 0.95,
        grafting_eps: 1e-8,
      };
  }
}

/**
 * Steps that are not timed: the first calls, and the first refresh with what it compiles.
 * @param {BenchedOptimizer} optimizer
 */
export function warmupSteps(optimizer) {
  return optimizer === 'adamw' ? 3 : period + 1;
}

/**
 * Floating-point operations of the model in one step, forward and backward, as the peer counts them: six a token for every
 * weight but the embedding, and attention.
 * @param {Case} size
 * @param {number} parameters
 */
export function modelFlops({ vocab, d_model, n_layer, context, sequences }, parameters) {
  return (6 * (parameters - vocab * d_model) + 12 * n_layer * context * d_model) * sequences * context;
}
