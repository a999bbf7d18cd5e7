import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { SoapBenchError, exitCodes } from '../dist/errors.js';
import { writeFiles } from '../dist/report/write-report.js';
import {
  experimentFolders,
  figureFolderName,
  isBegun,
  isFigureFolder,
  readFigureFile,
} from '../dist/reproduce/figure-folder.js';
import { readTasks } from '../dist/results/tasks.js';
import { publishedFolder } from './published.js';
import { publicText, rawFileNames } from './raw-files.js';

/**
 * Copies what the runs of a folder have written into the published results of a checkout, in place of what was published
 * under that name before.
 * @param {string} directory Of an experiment, a sweep or a figure.
 * @param {string} root
 * @returns {{ folder: string, files: number }} Where they are now, below the checkout.
 * @throws SoapBenchError `still_training`, `private_words`, `changed_figure`; as reading the folder does. Nothing has changed then.
 */
export function publish(directory, root) {
  const name = nameOf(directory);
  const files = isFigureFolder(directory) ? figureFiles(directory) : filesOf(directory, '');
  const place = join(root, publishedFolder);
  const staging = join(place, `.${name}.${process.pid}.tmp`);
  mkdirSync(place, { recursive: true });
  try {
    writeFiles(files, staging);
    rmSync(join(place, name), { recursive: true, force: true });
    renameSync(staging, join(place, name));
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
  return { folder: join(publishedFolder, name), files: files.size };
}

/** @param {string} directory */
function nameOf(directory) {
  if (isFigureFolder(directory)) return figureFolderName(readFigureFile(directory));
  return readTasks(directory).name;
}

/**
 * The files of a figure's experiments, those that have not been begun left out.
 * @param {string} directory
 */
function figureFiles(directory) {
  const { changes = [] } = readFigureFile(directory);
  // Other seeds measure the same thing, and the page says with which words.
  const others = changes.filter((word) => !word.startsWith('seeds='));
  if (others.length > 0) {
    throw new SoapBenchError('changed_figure', `${directory} was run with changes of its own: ${others.join(' ')}`, {
      exitCode: exitCodes.usage,
      hint: 'what is published of a figure is what `soap-bench reproduce` gives, with other seeds if you like; name its experiments instead',
    });
  }
  const begun = experimentFolders(directory).filter(isBegun);
  return new Map([
    ['figure.json', publicText(join(directory, 'figure.json'))],
    ...begun.flatMap((folder) => [...filesOf(folder, basename(folder))]),
  ]);
}

/**
 * @param {string} directory
 * @param {string} place Its folder among the published files.
 * @returns {Map<string, string>}
 */
function filesOf(directory, place) {
  return new Map(rawFileNames(directory).map((name) => [join(place, name), publicText(join(directory, name))]));
}
