import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { loadSweep, type LoadedSweep } from '../../../config/load.js';
import { SoapBenchError, exitCodes } from '../../../errors.js';
import type { ChildOutcome } from '../../../experiment/child-run.js';
import { sweepFolder } from '../../../experiment/folder.js';
import {
  figureExperiments,
  figureFile,
  figureFolder,
  type FigureExperiment,
  type FigureRequest,
} from '../../../reproduce/figure-request.js';
import { writeFigureFile } from '../../../reproduce/figure-folder.js';
import { differences } from '../../../results/differences.js';
import { foldersInOrPassed, isFile, isFolder } from '../../../files/folders.js';
import { holdFolder } from '../../../files/lock.js';
import { hasStepTimes, measureStepTimes } from '../../../step-time/measure.js';
import { usualRounds } from '../../../step-time/rounds.js';
import { writeTimedFolder } from '../../../step-time/timed-folder.js';
import { note } from '../../terminal/output.js';
import { stepTimeLines } from '../../terminal/step-time-lines.js';
import type { NamedOutcomes, ProgressOutput } from '../../train-folder.js';
import { trainSweep } from '../../train-sweep.js';

/** A figure whose configurations have been read. */
export interface OpenFigure {
  readonly request: FigureRequest;
  readonly folder: string;
  readonly experiments: readonly OpenExperiment[];
}

export interface OpenExperiment extends FigureExperiment {
  readonly sweep: LoadedSweep;
}

/**
 * Reads a figure's configurations.
 * @throws {SoapBenchError} `config_invalid`; `figure_changed` when its folder was begun with others.
 */
export function openFigure(request: FigureRequest, root: string): OpenFigure {
  const experiments = figureExperiments(request, root).map((experiment) => {
    // The paper's own text is looked for when it is needed: what it takes can be said without.
    const sweep = loadSweep(experiment.source, { anyCorpus: request.profile === 'full' });
    assertBegunSo(sweep, sweepFolder(sweep.config, experiment.folder));
    return { ...experiment, sweep };
  });
  return { request, folder: figureFolder(request, root), experiments };
}

export interface FigureWork {
  /** The folder of all figures. */
  readonly root: string;
  readonly jobs: number;
  readonly signal: AbortSignal;
}

/**
 * Trains what has not ended of a figure's experiments, and times a step of every setting where that has not been done.
 * @returns What the trainings came to, by experiment and setting.
 */
export async function runFigure(
  { request, folder, experiments }: OpenFigure,
  { root, jobs, signal }: FigureWork,
  output: ProgressOutput,
): Promise<NamedOutcomes> {
  const { id, kind } = request.figure;
  writeFigureFile(folder, figureFile(request));
  const outcomes = new Map<string, ChildOutcome | undefined>();
  for (const { name, sweep, folder: place } of experiments) {
    if (signal.aborted) break;
    if (!output.quiet) note(`\n${id} ${name}, in ${place}`);
    if (kind === 'timed') writeTimedFolder(sweep, place);
    else {
      const training = { folder: place, jobs, rerun: false, others: otherSweeps(root, place), signal };
      const ofOne = await trainSweep(sweep, training, output);
      for (const [label, outcome] of ofOne) outcomes.set(`${name} ${label}`, outcome);
    }
    await timeSteps(place, signal, output);
  }
  return outcomes;
}

async function timeSteps(folder: string, signal: AbortSignal, { quiet }: ProgressOutput): Promise<void> {
  if (signal.aborted || hasStepTimes(folder)) return;
  const observer = stepTimeLines(usualRounds, quiet ? () => undefined : note);
  try {
    await holdFolder(folder, () => measureStepTimes(folder, { rounds: usualRounds, observer, signal }));
  } catch (error) {
    // Stopped here is stopped as anywhere else.
    if (!(error instanceof SoapBenchError && error.code === 'timing_stopped')) throw error;
  }
}

/** The folders of other experiments below that of all figures, in which trainings may have been done already. */
export function otherSweeps(root: string, own: string): string[] {
  const all = foldersInOrPassed(root).flatMap((figure) =>
    foldersInOrPassed(join(root, figure)).map((name) => join(root, figure, name)),
  );
  return all.filter((folder) => folder !== own && isFolder(join(folder, 'runs')));
}

/** A folder shows one configuration's results, and a figure's folder is named after it. */
function assertBegunSo({ source }: LoadedSweep, folder: string): void {
  const file = join(folder, 'config.yaml');
  if (!isFile(file)) return;
  const changes = differences(parse(readFileSync(file, 'utf8')), parse(stringify(source)));
  if (changes.length === 0) return;
  throw new SoapBenchError(
    'figure_changed',
    `${folder} was begun with another configuration:\n  ${changes.join('\n  ')}`,
    {
      exitCode: exitCodes.usage,
      hint: 'name another folder with --output, or move this one away',
    },
  );
}
