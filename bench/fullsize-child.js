import { performance } from 'node:perf_hooks';
import { sizeOf } from '../dist/engine/engine.js';
import { openEngine } from '../dist/engine/select.js';
import { modelSchema } from '../dist/model/config.js';
import { modelParameters } from '../dist/model/parameters.js';
import { createOptimizer } from '../dist/optim/registry.js';
import { trainingState } from '../dist/train/steps.js';
import { TrainingProgram } from '../dist/train/training-program.js';
import { batchSource } from './batches.js';
import { cases, learningRate } from './cases.js';
import { answer } from './child.js';
import { provenanceOf } from './provenance.js';
import { rounded } from './statistics.js';

/**
 * @import { EngineChoice } from '../dist/engine/engine.js'
 * @import { CaseName } from './cases.js'
 */

/**
 * @typedef {object} FullsizeRequest
 * @property {CaseName} case
 * @property {'adamw' | 'soap'} optimizer With its default options.
 * @property {EngineChoice} engine
 * @property {number} calls
 */

/**
 * Times what passes until the first calls are done.
 * @param {FullsizeRequest} request
 */
async function measureFullsize({ case: name, optimizer: optimizerName, engine: choice, calls }) {
  const size = cases[name];
  const { n_layer, d_model, n_head, context, sequences } = size;
  const model = modelSchema.parse({ n_layer, d_model, n_head, context });
  const engine = await openEngine({ engine: choice, threads: 'auto', compile: true });
  const parameters = modelParameters(model, size.vocab);
  const optimizer = createOptimizer(optimizerName, { lr: learningRate }, parameters);
  /** @type {{ phase: string, seconds: number, peak_rss_mib: number }[]} */
  const phases = [];
  const timed = async (/** @type {string} */ phase, /** @type {() => Promise<unknown>} */ run) => {
    const start = performance.now();
    await run();
    const seconds = rounded((performance.now() - start) / 1000, 2);
    phases.push({ phase, seconds, peak_rss_mib: Math.floor(process.resourceUsage().maxRSS / 1024) });
  };

  const open = () =>
    TrainingProgram.open(engine, { model, parameters, optimizer, sequences, microbatches: 1, gradClip: null });
  /** @type {TrainingProgram | undefined} */
  let opened;
  await timed('tracing', async () => {
    opened = await open();
    await opened.prepare(calls);
  });
  const program = /** @type {TrainingProgram} */ (opened);
  await timed('initial weights', () => {
    program.initialize(parameters, 0);
    return Promise.resolve();
  });
  const drawBatch = batchSource(size);
  for (let number = 1; number <= calls; number++) {
    await timed(`call ${number} (${optimizer.phaseAt(number)})`, async () => {
      const { loss } = await program.step({ number, lr: learningRate }, [drawBatch()]);
      if (!Number.isFinite(loss)) throw new Error(`the loss is ${loss} at call ${number}`);
    });
  }
  const values = Object.values(trainingState(parameters, optimizer)).reduce((sum, shape) => sum + sizeOf(shape), 0);
  return { ...provenanceOf(engine), state_mib: Math.round((4 * values) / 2 ** 20), phases };
}

await answer(measureFullsize);
