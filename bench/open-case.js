import { worthFusing } from '../dist/engine/engine.js';
import { openEngine } from '../dist/engine/select.js';
import { modelSchema } from '../dist/model/config.js';
import { modelParameters } from '../dist/model/parameters.js';
import { createOptimizer } from '../dist/optim/registry.js';
import { TrainingProgram } from '../dist/train/training-program.js';
import { cases, optimizerOptions, warmupSteps } from './cases.js';

/**
 * @import { EngineChoice, Precision } from '../dist/engine/engine.js'
 * @import { BenchedOptimizer, CaseName } from './cases.js'
 */

/**
 * @typedef {object} CaseRequest
 * @property {CaseName} case
 * @property {BenchedOptimizer} optimizer
 * @property {Precision} precision Of the model's products.
 * @property {EngineChoice} engine
 * @property {boolean} compile
 * @property {boolean} fuse
 * @property {number} steps Timed steps.
 */

/**
 * Opens a case's program with first weights, ready for its warm-up and timed steps.
 * @param {CaseRequest} request
 */
export async function openCase({
  case: name,
  optimizer: optimizerName,
  precision,
  engine: choice,
  compile,
  fuse,
  steps,
}) {
  const size = cases[name];
  const { n_layer, d_model, n_head, context, sequences } = size;
  // What is left out takes the paper's values, which are those of peer/gpt.py.
  const model = modelSchema.parse({ n_layer, d_model, n_head, context });
  const engine = await openEngine({ engine: choice, threads: 'auto', compile });
  const parameters = modelParameters(model, size.vocab);
  const optimizer = createOptimizer(optimizerName, optimizerOptions(optimizerName, size), parameters);
  const fuseFrom = fuse ? worthFusing : undefined;
  const shape = { model, parameters, optimizer, sequences, microbatches: 1, gradClip: null, precision, fuseFrom };
  const program = await TrainingProgram.open(engine, shape);
  program.initialize(parameters, 0);
  const warmup = warmupSteps(optimizerName);
  await program.prepare(warmup + steps);
  return { size, engine, parameters, optimizer, program, warmup };
}
