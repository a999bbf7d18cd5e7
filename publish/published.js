import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isBegun, isFigureFolder, readFigureFile } from '../dist/reproduce/figure-folder.js';
import { isExperiment } from '../dist/files/folders.js';

/** Where published results lie in a checkout. */
export const publishedFolder = join('results', 'published');

/**
 * A folder of published results.
 * @typedef {object} Published
 * @property {string} name Of its folder.
 * @property {string} folder Below the checkout.
 * @property {boolean} isFigure Whether it holds a figure of the paper.
 * @property {readonly string[]} experiments Folders of its experiments and sweeps, below the checkout.
 */

/**
 * What is published in a checkout, in the order of names. Measurements of performance are only CSV files.
 * @param {string} root
 * @returns {Published[]}
 */
export function publishedIn(root) {
  const place = join(root, publishedFolder);
  const names = existsSync(place) ? readdirSync(place).sort() : [];
  return names.map((name) => {
    const folder = join(publishedFolder, name);
    return { name, folder, ...kindOf(root, folder) };
  });
}

/**
 * @param {string} root
 * @param {string} folder
 */
function kindOf(root, folder) {
  const path = join(root, folder);
  if (isFigureFolder(path)) {
    const names = readFigureFile(path).experiments.filter((name) => isBegun(join(path, name)));
    return { isFigure: true, experiments: names.map((name) => join(folder, name)) };
  }
  return { isFigure: false, experiments: isExperiment(path) ? [folder] : [] };
}
