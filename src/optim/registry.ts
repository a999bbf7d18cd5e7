import { adafactor } from './adafactor.js';
import { adamw } from './adamw.js';
import { ademamix } from './ademamix.js';
import { adopt } from './adopt.js';
import { galore } from './galore.js';
import { kron } from './kron.js';
import { lion } from './lion.js';
import { mars } from './mars.js';
import { muon } from './muon.js';
import { bindOptimizer, type Optimizer, type OptimizerDefinition, type ParameterInfo } from './optimizer.js';
import { scheduleFreeAdamw } from './schedule-free-adamw.js';
import { sgd } from './sgd.js';
import { shampoo } from './shampoo.js';
import { soap } from './soap.js';

/** All optimizers by name. CONTRIBUTING.md explains how to add one. */
export const optimizers = {
  adamw,
  shampoo,
  soap,
  sgd,
  adafactor,
  lion,
  muon,
  ademamix,
  adopt,
  mars,
  'schedule-free-adamw': scheduleFreeAdamw,
  galore,
  kron,
} as const;

export type OptimizerName = keyof typeof optimizers;

export const optimizerNames = Object.keys(optimizers) as OptimizerName[];

/**
 * Creates an optimizer for these parameters.
 * @param options Checked against the optimizer's schema. Missing options take their defaults.
 * @throws ZodError if an option is unknown or out of range.
 */
export function createOptimizer(
  name: OptimizerName,
  options: unknown,
  parameters: readonly ParameterInfo[],
): Optimizer {
  const definition = optimizers[name] as OptimizerDefinition<unknown>;
  return bindOptimizer(name, definition.route(definition.options.parse(options)), parameters);
}
