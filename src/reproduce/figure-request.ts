import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { packageRoot } from '../own-package.js';
import type { ExperimentSource } from '../config/load.js';
import { SoapBenchError, exitCodes } from '../errors.js';
import { commandLine } from './command-line.js';
import { figureFolderName, type FigureFile, type FigureVariant } from './figure-folder.js';
import type { Figure } from './figures.js';

const configs = `${packageRoot}configs/paper/`;

/** A figure, and how it is to be run. */
export interface FigureRequest extends Omit<FigureVariant, 'figure'> {
  readonly figure: Figure;
  /** YAML files and `key=value` words of the user's own, merged after all others. */
  readonly changes: ExperimentSource;
}

/** An experiment of a figure: an ordinary sweep. */
export interface FigureExperiment {
  readonly name: string;
  /** What `soap-bench run` would be given. */
  readonly source: ExperimentSource;
  readonly folder: string;
}

/** The folder of a figure below that of all figures. */
export function figureFolder(request: FigureRequest, root: string): string {
  return join(root, figureFolderName({ ...request, figure: request.figure.id }));
}

/** What figure.json of the folder is to say. */
export function figureFile({ figure, profile, protocol, scale, changes }: FigureRequest): FigureFile {
  const words = [...changes.files, ...changes.overrides];
  return {
    figure: figure.id,
    profile,
    protocol,
    scale,
    experiments: [...figure.experiments],
    ...(words.length > 0 && { changes: words }),
  };
}

/**
 * The experiments of a figure: its configuration, over it that of the profile, over that the protocol's.
 * @throws {SoapBenchError} `no_protocol` where nothing is trained, so that there is no recipe to train by.
 */
export function figureExperiments(request: FigureRequest, root: string): FigureExperiment[] {
  const { figure, profile, protocol, scale, changes } = request;
  if (figure.kind === 'timed' && protocol !== 'paper') throw nothingTrained(figure);
  return figure.experiments.map((name) => {
    const file = `${figure.id}-${name}.yaml`;
    const layers = [
      file,
      ...(profile === 'standard' ? [] : [join(profile, file)]),
      ...(protocol === 'paper' ? [] : [join(protocol, file)]),
    ];
    return {
      name,
      source: {
        files: [...layers.map((layer) => nearPath(join(configs, layer))), ...changes.files],
        overrides: [...(scale === null ? [] : [`model.scale=${scale}`]), ...changes.overrides],
      },
      folder: join(figureFolder(request, root), name),
    };
  });
}

/** The command that does the same with one of these experiments alone. */
export function runLine({ figure }: FigureRequest, { source, folder }: FigureExperiment): string {
  const command = figure.kind === 'timed' ? 'time' : 'run';
  return commandLine([command, ...source.files, ...source.overrides, '--output', folder]);
}

/** As a person would write it: below the current folder without the folder's name. */
function nearPath(path: string): string {
  const near = relative('', path);
  return near.startsWith('..') || !existsSync(near) ? path : near;
}

function nothingTrained({ id }: Figure): SoapBenchError {
  return new SoapBenchError('no_protocol', `${id} trains nothing: no protocol changes what its steps take`, {
    exitCode: exitCodes.usage,
    hint: 'leave --protocol out, or name the figures that are trained',
  });
}
