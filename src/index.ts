/**
 * soap-bench as a library, documented in docs/api.md. Everything here is what the command line itself uses.
 */
export { loadExperiment, loadSweep, parseExperiment } from './config/load.js';
export type { ExperimentSource, LoadedSweep } from './config/load.js';
export type { RunConfig } from './config/run-config.js';
export type { ExperimentConfig } from './config/schema.js';
export { SoapBenchError } from './errors.js';

// Training
export { resumeFolder, trainFolder } from './experiment/train-folder.js';
export type { TrainedFolder, TrainFolderOptions, TrainOptions } from './experiment/train-folder.js';
export type { PlannedRound, TrainingObserver } from './experiment/observer.js';
export type { ChildOutcome } from './experiment/child-run.js';
export type { PlannedRun } from './experiment/planned-run.js';
export type { RunMessage } from './run/messages.js';
export { listSweep, type ListOptions, type SweepList } from './experiment/list-sweep.js';
export { timeFolder, type StepTimeObserver, type TimeFolderOptions } from './step-time/time-folder.js';
export type { StepTimeRow } from './results/step-time-row.js';
export { figureNamed, figures } from './reproduce/figures.js';
export type { FigureRequest } from './reproduce/figure-request.js';
export { listFigures, type FigureList } from './reproduce/list-figures.js';
export { openFigure, type OpenFigure } from './reproduce/open-figure.js';
export { trainFigure, type FigureObserver, type TrainFigureOptions } from './reproduce/train-figure.js';

// Results
export { readRun } from './results/read-run.js';
export { readStudy, type Study, type StudyRun } from './results/study.js';
export { summarize, type SettingRow, type Summary } from './analysis/summary.js';
export { stepsToTarget } from './analysis/steps-to-target.js';

// Building blocks
export { evalBatches, trainBatch, type Batch } from './data/batches.js';
export { openPrepared, prepareData, type PreparedData } from './data/prepare.js';
export type { Tokens } from './data/tokens.js';
export type { CompiledStep, Engine, Program, Signature, StepFunction } from './engine/engine.js';
export { compile, type CompiledFunction, type TensorSpec } from './engine/graph/compile.js';
export { openEngine } from './engine/select.js';
export { gptLogits } from './model/gpt.js';
export { initialValues, modelParameters, parameterCounts } from './model/parameters.js';
export { bindOptimizer, stateBytes, type Optimizer, type ParameterInfo, type UpdateRule } from './optim/optimizer.js';
export { createOptimizer, optimizerNames, optimizers } from './optim/registry.js';
export { scheduleFactor } from './optim/schedule.js';
export { TrainingProgram } from './train/training-program.js';
