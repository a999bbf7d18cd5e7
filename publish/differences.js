import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { publishedIn } from './published.js';
import { rawFileNames } from './raw-files.js';

/**
 * Where a checkout is not what its published results say: a line for each file, empty when there is none.
 * @param {string} root
 * @param {ReadonlyMap<string, string>} expected
 */
export function differences(root, expected) {
  const wrong = [...expected].flatMap(([file, text]) => {
    const place = join(root, file);
    const found = existsSync(place) ? readFileSync(place, 'utf8') : undefined;
    if (found === text) return [];
    return [found === undefined ? `${file} is missing` : `${file}:${firstDifference(found, text)}`];
  });
  return [...wrong, ...strangers(root, expected).map((file) => `${file} follows from nothing that is published`)];
}

/**
 * @param {string} found
 * @param {string} expected
 */
function firstDifference(found, expected) {
  const lines = { found: found.split('\n'), expected: expected.split('\n') };
  const length = Math.max(lines.found.length, lines.expected.length);
  const index = Array.from({ length }, (_, i) => i).find((i) => lines.found[i] !== lines.expected[i]) ?? 0;
  const [has, should] = aroundDifference(lines.found[index], lines.expected[index]);
  return `${index + 1} has ${has}, the results say ${should}`;
}

/**
 * The parts of two lines around the first sign in which they differ.
 * @param {string | undefined} found
 * @param {string | undefined} expected
 */
function aroundDifference(found, expected) {
  if (found === undefined || expected === undefined) return [cut(found, 0), cut(expected, 0)];
  let start = 0;
  while (found[start] === expected[start]) start++;
  return [cut(found, start), cut(expected, start)];
}

/**
 * @param {string | undefined} line
 * @param {number} at
 */
function cut(line, at) {
  if (line === undefined) return 'no such line';
  const [from, to] = [Math.max(0, at - 20), at + 30];
  return `"${from > 0 ? '…' : ''}${line.slice(from, to)}${to < line.length ? '…' : ''}"`;
}

/**
 * Files among the published results that no run wrote and that follow from none, such as charts of earlier versions.
 * @param {string} root
 * @param {ReadonlyMap<string, string>} expected
 */
export function strangers(root, expected) {
  return publishedIn(root).flatMap(({ folder, isFigure, experiments }) => {
    const raw = experiments.flatMap((experiment) =>
      rawFileNames(join(root, experiment)).map((name) => join(experiment, name)),
    );
    const known = new Set([...raw, ...expected.keys(), ...(isFigure ? [join(folder, 'figure.json')] : [])]);
    // Measurements of performance: what `npm run bench` wrote.
    const isKnown = (/** @type {string} */ file) =>
      known.has(file) || (experiments.length === 0 && file.endsWith('.csv'));
    return filesIn(root, folder).filter((file) => !isKnown(file));
  });
}

/**
 * @param {string} root
 * @param {string} folder
 * @returns {string[]}
 */
function filesIn(root, folder) {
  const entries = readdirSync(join(root, folder), { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => relative(root, join(parentPath, name))).sort();
}
