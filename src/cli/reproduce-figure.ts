import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { loadSweep, type LoadedSweep } from '../config/load.js';
import { SoapBenchError, exitCodes } from '../errors.js';
import { sweepFolder } from '../experiment/folder.js';
import {
  figureExperiments,
  figureFile,
  figureFolder,
  type FigureExperiment,
  type FigureRequest,
} from '../reproduce/figure-request.js';
import { writeFigureFile } from '../reproduce/figure-folder.js';
import { differences } from '../run/differences.js';
import { foldersIn, isFile, isFolder } from '../run/folders.js';
import { note } from './output.js';
import type { NamedOutcomes, ProgressOutput } from './train-folder.js';
import { trainSweep } from './train-sweep.js';

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

/** Trains what has not ended of a figure's experiments. */
export async function trainFigure(
  { request, folder, experiments }: OpenFigure,
  { root, jobs, signal }: { root: string; jobs: number; signal: AbortSignal },
  output: ProgressOutput,
): Promise<NamedOutcomes> {
  writeFigureFile(folder, figureFile(request));
  const outcomes: [string, NamedOutcomes][] = [];
  for (const { name, sweep, folder: place } of experiments) {
    if (signal.aborted) break;
    const others = otherSweeps(root, place);
    if (!output.quiet) note(`\n${request.figure.id} ${name}, in ${place}`);
    outcomes.push([name, await trainSweep(sweep, { folder: place, jobs, rerun: false, others, signal }, output)]);
  }
  return new Map(
    outcomes.flatMap(([name, ofOne]) => [...ofOne].map(([label, outcome]) => [`${name} ${label}`, outcome])),
  );
}

/** The folders of other experiments below that of all figures, in which trainings may have been done already. */
export function otherSweeps(root: string, own: string): string[] {
  const all = foldersIn(root).flatMap((figure) =>
    foldersIn(join(root, figure)).map((name) => join(root, figure, name)),
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
      hint: 'name another folder with --output, or remove this one; its trainings that are still wanted are then done again',
    },
  );
}
