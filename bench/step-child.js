import { performance } from 'node:perf_hooks';
import { openEngine } from '../dist/engine/select.js';
import { modelSchema } from '../dist/model/config.js';
import { modelParameters, parameterCounts } from '../dist/model/parameters.js';
import { createOptimizer } from '../dist/optim/registry.js';
import { TrainingProgram } from '../dist/train/training-program.js';
import { batchSource } from './batches.js';
import { cases, learningRate, modelFlops, optimizerOptions, warmupSteps } from './cases.js';
import { productGflops } from './ceilings.js';
import { answer } from './child.js';
import { provenanceOf } from './provenance.js';
import { mean, rounded, upperMedian } from './statistics.js';

/**
 * @import { EngineChoice, Precision } from '../dist/engine/engine.js'
 * @import { BenchedOptimizer, CaseName } from './cases.js'
 */

/**
 * @typedef {object} StepRequest
 * @property {CaseName} case
 * @property {BenchedOptimizer} optimizer
 * @property {Precision} precision Of the model's products.
 * @property {EngineChoice} engine
 * @property {boolean} compile
 * @property {boolean} fuse
 * @property {number} steps Timed steps.
 */

/**
 * Times our training step. As in the peer, drawing a batch and reading the loss are part of a step.
 * @param {StepRequest} request
 */
async function measureStep({ case: name, optimizer: optimizerName, precision, engine: choice, compile, fuse, steps }) {
  const size = cases[name];
  const { n_layer, d_model, n_head, context, sequences } = size;
  // What is left out takes the paper's values, which are those of peer/gpt.py.
  const model = modelSchema.parse({ n_layer, d_model, n_head, context });
  const engine = await openEngine({ engine: choice, threads: 'auto', compile });
  const parameters = modelParameters(model, size.vocab);
  const optimizer = createOptimizer(optimizerName, optimizerOptions(optimizerName, size), parameters);
  const shape = { model, parameters, optimizer, sequences, microbatches: 1, gradClip: null, precision, fuse };
  const program = await TrainingProgram.open(engine, shape);
  program.initialize(parameters, 0);
  const warmup = warmupSteps(optimizerName);
  await program.prepare(warmup + steps);

  const drawBatch = batchSource(size);
  let call = 0;
  const timedStep = async () => {
    const start = performance.now();
    const { loss } = await program.call({ number: ++call, lr: learningRate }, [drawBatch()]);
    if (!Number.isFinite(loss)) throw new Error(`the loss is ${loss} at step ${call}`);
    return performance.now() - start;
  };
  for (let i = 0; i < warmup; i++) await timedStep();
  const times = [];
  for (let i = 0; i < steps; i++) times.push(await timedStep());
  const peakRss = process.resourceUsage().maxRSS;

  const total = parameterCounts(parameters).total;
  const gflops = modelFlops(size, total) / mean(times) / 1e6;
  const ceiling = await productGflops(engine, size.matmul, precision);
  return {
    ...provenanceOf(engine),
    compiled: engine.compiled,
    parameters: total,
    tokens: sequences * context,
    median_ms: rounded(upperMedian(times), 2),
    mean_ms: rounded(mean(times), 2),
    model_gflops: rounded(gflops, 1),
    ceiling_gflops: rounded(ceiling, 1),
    ceiling_share: rounded(gflops / ceiling, 3),
    peak_rss_mib: Math.floor(peakRss / 1024),
  };
}

await answer(measureStep);
