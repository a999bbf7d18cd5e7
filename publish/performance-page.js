import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fullsizeColumns } from '../bench/fullsize.js';
import { fullsizeTable } from '../bench/fullsize-table.js';
import { fusingColumns } from '../bench/fusing.js';
import { fusingTable } from '../bench/fusing-table.js';
import { linalgColumns } from '../bench/linalg.js';
import { linalgTable } from '../bench/linalg-table.js';
import { profileColumns } from '../bench/profile.js';
import { profileTable } from '../bench/profile-table.js';
import { readRowFile } from '../bench/row-file.js';
import { startupColumns } from '../bench/startup.js';
import { startupTable } from '../bench/startup-table.js';
import { stepColumns } from '../bench/step.js';
import { stepTable } from '../bench/step-table.js';
import { stressColumns } from '../bench/stress.js';
import { stressTable } from '../bench/stress-table.js';
import { withBlock } from './blocks.js';

/**
 * @import { FullsizeRow } from '../bench/fullsize.js'
 * @import { FusingRow } from '../bench/fusing.js'
 * @import { LinalgRow } from '../bench/linalg.js'
 * @import { ProfileRow } from '../bench/profile.js'
 * @import { Provenance } from '../bench/provenance.js'
 * @import { StartupRow } from '../bench/startup.js'
 * @import { StepRow } from '../bench/step.js'
 * @import { StressRow } from '../bench/stress.js'
 */

/**
 * What the page has a place for, and what goes there: the figures of `step*.csv`.
 * @type {Record<string, (folder: string) => string>}
 */
const kinds = {
  step: (folder) => figures(/** @type {StepRow[]} */ (readRows(folder, 'step', stepColumns)), stepTable),
  profile: (folder) => figures(/** @type {ProfileRow[]} */ (readRows(folder, 'profile', profileColumns)), profileTable),
  linalg: (folder) => figures(/** @type {LinalgRow[]} */ (readRows(folder, 'linalg', linalgColumns)), linalgTable),
  stress: (folder) => figures(/** @type {StressRow[]} */ (readRows(folder, 'stress', stressColumns)), stressTable),
  fusing: (folder) => figures(/** @type {FusingRow[]} */ (readRows(folder, 'fusing', fusingColumns)), fusingTable),
  startup: (folder) => figures(/** @type {StartupRow[]} */ (readRows(folder, 'startup', startupColumns)), startupTable),
  fullsize: (folder) =>
    figures(/** @type {FullsizeRow[]} */ (readRows(folder, 'fullsize', fullsizeColumns)), fullsizeTable),
};

/**
 * docs/performance.md with the measurements of `npm run bench` in its places.
 * @param {string} text The page as it is.
 * @param {string} folder Where the CSV files are.
 * @param {string} page What the page is called in a message.
 */
export function performancePage(text, folder, page) {
  return Object.entries(kinds).reduce(
    (filled, [kind, figuresOf]) => withBlock(filled, kind, figuresOf(folder), page),
    text,
  );
}

/**
 * @template {Provenance} Row
 * @param {readonly Row[]} rows
 * @param {(rows: Row[]) => string[]} table
 */
function figures(rows, table) {
  if (rows.length === 0) return '_Not published yet._';
  const days = distinct(rows.map(({ measured_at }) => measured_at.slice(0, 10)));
  const devices = distinct(rows.map(({ device }) => device));
  const libraries = distinct(rows.map(({ library }) => library));
  const commits = distinct(rows.map(({ commit }) => commit).filter((commit) => commit !== ''));
  return [
    `Measured on ${days.join(', ')} with ${libraries.join(' and ')} on ${devices.join(', ')}; soap-bench at ${commits.join(', ')}.`,
    '',
    '```',
    ...table([...rows]),
    '```',
  ].join('\n');
}

/** @param {readonly string[]} values */
function distinct(values) {
  return [...new Set(values)].sort();
}

/**
 * Rows of all files of a kind, numbers as numbers.
 * @param {string} folder
 * @param {string} kind
 * @param {readonly string[]} columns
 * @throws SoapBenchError `csv_invalid` when a file has other columns.
 */
function readRows(folder, kind, columns) {
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  const files = names
    .filter((name) => name.startsWith(kind) && name.endsWith('.csv'))
    .map((name) => join(folder, name));
  return files.flatMap((file) => readRowFile(file, columns, kind));
}
