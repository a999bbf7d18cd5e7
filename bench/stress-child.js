import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { loadExperiment } from '../dist/config/load.js';
import { dataSchema } from '../dist/data/config.js';
import { prepareData } from '../dist/data/prepare.js';
import { openEngine } from '../dist/engine/select.js';
import { modelSchema } from '../dist/model/config.js';
import { initialValues, modelParameters } from '../dist/model/parameters.js';
import { createOptimizer } from '../dist/optim/registry.js';
import { CsvFile } from '../dist/files/csv-file.js';
import { trainLoop } from '../dist/train/loop.js';
import { TrainingProgram } from '../dist/train/training-program.js';
import { cases } from './cases.js';
import { answer } from './child.js';
import { provenanceOf } from './provenance.js';
import { perturbed } from './perturb.js';

/**
 * @import { EngineChoice, Precision } from '../dist/engine/engine.js'
 * @import { OptimizerName } from '../dist/optim/registry.js'
 * @import { StepRow } from '../dist/train/rows.js'
 * @import { CaseName } from './cases.js'
 */

/**
 * A training to be done.
 * @typedef {object} StressRequest
 * @property {CaseName} case
 * @property {OptimizerName} optimizer
 * @property {Precision} precision
 * @property {EngineChoice} engine
 * @property {boolean} compile
 * @property {number} sequences Sequences a batch.
 * @property {number | null} fuseFrom Elements from which on operations are fused; null fuses none.
 * @property {number} perturbation Which of the perturbed starts it is; 0 for the weights as they are.
 * @property {number} steps
 * @property {number} warmup Steps in which the learning rate rises.
 * @property {string} losses CSV file that the steps are written to.
 */

/** @satisfies {(keyof StepRow)[]} */
export const lossColumns = /** @type {const} */ (['step', 'loss', 'grad_norm', 'update_norm', 'rss_bytes']);

const rivals = fileURLToPath(new URL('../configs/examples/rivals.yaml', import.meta.url));
const evaluationTokens = 4096;
const neverAborted = new globalThis.AbortController().signal;

/**
 * Trains on real text as a run does, and writes every step down.
 * @param {StressRequest} request
 */
async function train({ case: name, optimizer: optimizerName, precision, engine: choice, ...request }) {
  const { n_layer, d_model, n_head, context, vocab } = cases[name];
  const { sequences, steps, warmup } = request;
  // Text needs a vocabulary that every byte is in: small cases get that of bytes.
  const tokenizer = vocab > 257 ? { tokenizer: 'gpt2', vocab_size: vocab } : { tokenizer: 'byte' };
  const data = await prepareData(dataSchema.parse({ corpus: 'moby-dick', ...tokenizer }));
  const model = modelSchema.parse({ n_layer, d_model, n_head, context });
  const parameters = modelParameters(model, data.vocabSize);
  const { optimizer: ours, ...options } = settingOf(optimizerName);
  const optimizer = createOptimizer(ours, options, parameters);
  const engine = await openEngine({ engine: choice, threads: 'auto', compile: request.compile });
  const program = await TrainingProgram.open(engine, {
    model,
    parameters,
    optimizer,
    sequences,
    precision,
    microbatches: 1,
    gradClip: 1,
    fuseFrom: request.fuseFrom ?? undefined,
  });
  for (const parameter of parameters) {
    program.setWeight(parameter.name, perturbed(initialValues(parameter, 0), request.perturbation));
  }
  await program.prepare(steps);

  const file = new CsvFile(request.losses, lossColumns);
  let validationLoss = NaN;
  const tokens = sequences * context;
  const start = performance.now();
  const { state, message } = await trainLoop(
    program,
    data,
    {
      seed: 0,
      context,
      shuffle: true,
      lr: options.lr,
      stopAt: null,
      maxRefreshFailures: optimizer.maxRefreshFailures,
      refreshAdvice: optimizer.refreshAdvice,
      train: {
        steps,
        batch_tokens: tokens,
        microbatch_tokens: tokens,
        eval_every: steps,
        eval_tokens: evaluationTokens,
        log_every: 1,
        max_loss: null,
        checkpoint_every: null,
        schedule: optimizer.constantRate
          ? { name: 'constant', warmup_steps: 0 }
          : { name: 'cosine', warmup_steps: warmup, final_fraction: 0.1 },
      },
    },
    {
      step(row) {
        file.append(row);
      },
      evaluation({ loss }) {
        validationLoss = loss;
      },
      warning() {
        // What failed shows in the losses.
      },
      checkpoint: () => Promise.resolve(),
    },
    neverAborted,
  );
  const seconds = (performance.now() - start) / 1000;
  file.close();
  return {
    ...provenanceOf(engine),
    ending: message ?? state,
    validation_loss: state === 'finished' ? validationLoss : null,
    fused: await fusedCalls(program),
    seconds,
  };
}

/**
 * @param {OptimizerName} name
 * @throws Error when the examples have not got it.
 */
function settingOf(name) {
  const setting = loadExperiment({ files: [rivals], overrides: [] }).optimizers[name];
  if (setting === undefined) throw new Error(`${rivals} has no ${name}, whose learning rate is needed`);
  return setting;
}

/**
 * Fused operations of a plain step.
 * @param {TrainingProgram} program
 */
async function fusedCalls(program) {
  const work = await program.work(2);
  if (work === undefined) return 0;
  const calls = [...work.gradient, ...work.update].filter(({ op }) => op === 'PartitionedCall');
  return calls.reduce((sum, { count }) => sum + count, 0);
}

await answer(train);
