/**
 * soap-bench as a library: the parts that scripts build on. Everything here is what the command line itself uses.
 */
export { loadExperiment, parseExperiment } from './config/load.js';
export type { ExperimentConfig } from './config/schema.js';
export { evalBatches, trainBatch, type Batch } from './data/batches.js';
export { openPrepared, prepareData, type PreparedData } from './data/prepare.js';
export type { Tokens } from './data/tokens.js';
export type { CompiledStep, Engine, Program, Signature, StepFunction } from './engine/engine.js';
export { compile, type CompiledFunction, type TensorSpec } from './engine/graph/compile.js';
export { openEngine } from './engine/select.js';
export { SoapBenchError } from './errors.js';
export { gptLogits } from './model/gpt.js';
export { initialValues, modelParameters, parameterCounts } from './model/parameters.js';
export { bindOptimizer, stateBytes, type Optimizer, type ParameterInfo, type UpdateRule } from './optim/optimizer.js';
export { createOptimizer, optimizerNames, optimizers } from './optim/registry.js';
export { scheduleFactor } from './optim/schedule.js';
export { stepsToTarget } from './analysis/steps-to-target.js';
export { summarize, type Summary } from './analysis/summary.js';
export { readExperiment, readRun } from './results/read.js';
export { TrainingProgram } from './train/training-program.js';
