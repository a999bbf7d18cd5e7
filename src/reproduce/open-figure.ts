import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { loadSweep, type LoadedSweep } from '../config/load.js';
import { SoapBenchError, exitCodes } from '../errors.js';
import { sweepFolder } from '../experiment/folder.js';
import { foldersInOrPassed, isFile, isFolder } from '../files/folders.js';
import { differences } from '../results/differences.js';
import { figureExperiments, figureFolder, type FigureExperiment, type FigureRequest } from './figure-request.js';

/** A figure whose configurations have been read. */
export interface OpenFigure {
  readonly request: FigureRequest;
  readonly folder: string;
  readonly experiments: readonly OpenExperiment[];
}

export interface OpenExperiment extends FigureExperiment {
  readonly sweep: LoadedSweep;
  /** Folders of other figures' experiments, in which runs may have been trained already. */
  readonly others: () => string[];
}

/**
 * Reads a figure's configurations.
 * @param root The folder of all figures.
 * @throws {SoapBenchError} `config_invalid`; `figure_changed` when its folder was begun with others.
 */
export function openFigure(request: FigureRequest, root: string): OpenFigure {
  const experiments = figureExperiments(request, root).map((experiment) => {
    // The paper's own text is looked for when it is needed: what it takes can be said without.
    const sweep = loadSweep(experiment.source, { anyCorpus: request.profile === 'full' });
    assertBegunSo(sweep, sweepFolder(sweep.config, experiment.folder));
    return { ...experiment, sweep, others: () => otherSweeps(root, experiment.folder) };
  });
  return { request, folder: figureFolder(request, root), experiments };
}

function otherSweeps(root: string, own: string): string[] {
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
