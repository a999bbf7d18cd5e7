import { SoapBenchError } from '../errors.js';
import type { ChildOutcome } from '../experiment/child-run.js';
import type { TrainingObserver } from '../experiment/observer.js';
import { trainOpened, type NamedOutcomes, type TrainOptions } from '../experiment/train-folder.js';
import { openFolder } from '../experiment/training-folder.js';
import { hasStepTimes, timeFolder, type StepTimeObserver } from '../step-time/time-folder.js';
import { writeTimedFolder } from '../step-time/timed-folder.js';
import { writeFigureFile } from './figure-folder.js';
import { figureFile } from './figure-request.js';
import type { OpenExperiment, OpenFigure } from './open-figure.js';

/** Is told how a figure is run. */
export interface FigureObserver extends TrainingObserver, StepTimeObserver {
  experimentStarted?(experiment: OpenExperiment, figure: OpenFigure): void;
  /** Its runs have ended; its steps have not been timed yet. */
  experimentTrained?(experiment: OpenExperiment, figure: OpenFigure): void;
}

export interface TrainFigureOptions extends TrainOptions {
  readonly observer?: FigureObserver | undefined;
}

/**
 * Trains what has not ended of a figure's experiments, and times a step of every setting where that has not been done.
 * @returns What the runs came to, by experiment and label.
 * @throws {SoapBenchError} As `trainFolder` and `timeFolder`; an abort is none.
 */
export async function trainFigure(figure: OpenFigure, options: TrainFigureOptions = {}): Promise<NamedOutcomes> {
  const { request, folder, experiments } = figure;
  const { signal, observer } = options;
  writeFigureFile(folder, figureFile(request));
  const outcomes = new Map<string, ChildOutcome | undefined>();
  for (const experiment of experiments) {
    if (signal?.aborted === true) break;
    observer?.experimentStarted?.(experiment, figure);
    const { name, sweep, folder: place } = experiment;
    if (request.figure.kind === 'timed') writeTimedFolder(sweep, place);
    else {
      const trained = await trainOpened(openFolder(sweep, place), { ...options, others: experiment.others() });
      for (const [label, outcome] of trained.outcomes) outcomes.set(`${name} ${label}`, outcome);
      observer?.experimentTrained?.(experiment, figure);
    }
    await timeOnce(place, options);
  }
  return outcomes;
}

async function timeOnce(folder: string, { signal, observer }: TrainFigureOptions): Promise<void> {
  if (signal?.aborted === true || hasStepTimes(folder)) return;
  try {
    await timeFolder(folder, { signal, observer });
  } catch (error) {
    // Stopped here is stopped as anywhere else.
    if (!(error instanceof SoapBenchError && error.code === 'timing_stopped')) throw error;
  }
}
