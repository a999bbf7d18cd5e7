import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { note } from '../dist/cli/output.js';
import { SoapBenchError, exitCodes } from '../dist/errors.js';
import { fullsizeColumns } from './fullsize.js';
import { fullsizeTable } from './fullsize-table.js';
import { linalgColumns } from './linalg.js';
import { linalgTable } from './linalg-table.js';
import { profileColumns } from './profile.js';
import { profileTable } from './profile-table.js';
import { startupColumns } from './startup.js';
import { startupTable } from './startup-table.js';
import { stepColumns } from './step.js';
import { stepTable } from './step-table.js';

/**
 * @import { Command } from 'commander'
 * @import { FullsizeRow } from './fullsize.js'
 * @import { LinalgRow } from './linalg.js'
 * @import { ProfileRow } from './profile.js'
 * @import { Provenance } from './provenance.js'
 * @import { StartupRow } from './startup.js'
 * @import { StepRow } from './step.js'
 */

/**
 * What the page has a place for, `<!-- step -->` … `<!-- /step -->`, and what goes there: the figures of `step*.csv`.
 * @type {Record<string, (folder: string) => string>}
 */
const kinds = {
  step: (folder) => figures(/** @type {StepRow[]} */ (readRows(folder, 'step', stepColumns)), stepTable),
  profile: (folder) => figures(/** @type {ProfileRow[]} */ (readRows(folder, 'profile', profileColumns)), profileTable),
  linalg: (folder) => figures(/** @type {LinalgRow[]} */ (readRows(folder, 'linalg', linalgColumns)), linalgTable),
  startup: (folder) => figures(/** @type {StartupRow[]} */ (readRows(folder, 'startup', startupColumns)), startupTable),
  fullsize: (folder) =>
    figures(/** @type {FullsizeRow[]} */ (readRows(folder, 'fullsize', fullsizeColumns)), fullsizeTable),
};

/**
 * `bench page`: fills docs/performance.md with the published measurements.
 * @param {Command} program
 */
export function registerPage(program) {
  const inRoot = (/** @type {string} */ path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
  program
    .command('page')
    .description('put the published measurements into docs/performance.md')
    .option('--page <file>', 'the page', inRoot('docs/performance.md'))
    .option('--results <folder>', 'the folder of the CSV files', inRoot('results/published/performance'))
    .option('--check', 'change nothing; end with 1 when the page does not show what the CSV files say')
    .addHelpText(
      'after',
      `
Files are told apart by the beginning of their names: ${Object.keys(kinds)
        .map((kind) => `${kind}*.csv`)
        .join(', ')}.

Example:
  npm run bench -- page`,
    )
    .action(fillPage);
}

/** @param {{ page: string, results: string, check?: boolean }} options */
function fillPage({ page, results, check }) {
  const text = readFileSync(page, 'utf8');
  const next = Object.entries(kinds).reduce(
    (filled, [kind, figuresOf]) => withBlock(filled, kind, figuresOf(results), page),
    text,
  );
  if (next === text) {
    note(`${page} shows what is measured`);
  } else if (check === true) {
    throw new SoapBenchError('page_outdated', `${page} does not show what the files in ${results} say`, {
      hint: 'npm run bench -- page',
    });
  } else {
    writeFileSync(page, next);
    note(`${page} written`);
  }
}

/**
 * @param {string} text
 * @param {string} kind
 * @param {string} content
 * @param {string} page
 */
function withBlock(text, kind, content, page) {
  const block = new RegExp(`<!-- ${kind} -->[^]*<!-- /${kind} -->`);
  if (!block.test(text)) {
    throw new SoapBenchError('page_without_place', `${page} has no <!-- ${kind} --> … <!-- /${kind} -->`, {
      exitCode: exitCodes.usage,
    });
  }
  return text.replace(block, () => `<!-- ${kind} -->\n\n${content}\n\n<!-- /${kind} -->`);
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
  return files.flatMap((file) => {
    const [header, ...lines] = /** @type {string[][]} */ (parse(readFileSync(file)));
    if (header?.join() !== columns.join()) {
      throw new SoapBenchError('csv_invalid', `${file} has the columns ${header?.join()}, expected ${columns.join()}`, {
        exitCode: exitCodes.usage,
        hint: `measure again with this version: npm run bench -- ${kind} --csv ${file}`,
      });
    }
    return lines.map((line) =>
      Object.fromEntries(columns.map((column, i) => [column, valueOf(column, line[i] ?? '')])),
    );
  });
}

/** Columns that are words whatever they look like; a commit may be all digits. */
const texts = new Set([
  'case',
  'optimizer',
  'precision',
  'side',
  'mode',
  'operation',
  'phase',
  'kind',
  'op',
  'shape',
  'measured_at',
  'commit',
  'library',
  'device',
]);

/**
 * @param {string} column
 * @param {string} text
 */
function valueOf(column, text) {
  if (texts.has(column)) return text;
  return text === '' ? null : Number(text);
}
