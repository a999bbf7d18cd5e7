import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { note, print, printJson } from '../dist/cli/terminal/output.js';
import { cpuName } from '../dist/engine/tensorflow/load.js';
import { linalgTable } from './linalg-table.js';
import { measureInProcess } from './measure-in-process.js';
import { countOf, engineOption, peerVariables, warnWhenBusy, wordsOf } from './options.js';
import { provenanceColumns } from './provenance.js';
import { rowFile } from './row-file.js';

/**
 * @import { Command } from 'commander'
 * @import { EngineName } from '../dist/engine/engine.js'
 * @import { Provenance } from './provenance.js'
 */

/**
 * @typedef {Provenance & {
 *   operation: string, size: number, round: number, side: 'ours' | 'peer', mode: 'eager' | 'compiled',
 *   median_ms: number, repetitions: number,
 * }} LinalgRow
 */

/** @typedef {typeof linalgOperations[number]} LinalgOperation */
export const linalgOperations = /** @type {const} */ (['qr', 'eigh', 'inverse_root']);

export const linalgColumns = /** @type {const} */ ([
  ...['operation', 'size', 'round', 'side', 'mode', 'median_ms', 'repetitions'],
  ...provenanceColumns,
]);

const results = z.array(
  z.object({ operation: z.string(), size: z.number(), median_ms: z.number().positive(), repetitions: z.number() }),
);

const oursSchema = z.object({
  measured_at: z.string(),
  commit: z.string(),
  library: z.string(),
  device: z.string(),
  threads: z.number(),
  compiled: z.boolean(),
  results,
});

const peerSchema = z.object({ peer: z.string(), threads: z.number(), results });

/**
 * @typedef {object} LinalgOptions
 * @property {LinalgOperation[]} operations
 * @property {number[]} sizes
 * @property {EngineName} engine
 * @property {boolean} [eager]
 * @property {number} rounds
 * @property {string} [peer]
 * @property {string} [csv]
 * @property {boolean} [json]
 */

/**
 * `bench linalg`: the decompositions that SOAP and Shampoo need, beside torch.linalg.
 * @param {Command} program
 */
export function registerLinalg(program) {
  program
    .command('linalg')
    .description('time orthonormal bases (QR), symmetric eigendecomposition and inverse root of square matrices')
    .option('--operations <list>', `from ${linalgOperations.join(', ')}`, wordsOf(linalgOperations, '--operations'), [
      ...linalgOperations,
    ])
    .option('--sizes <numbers>', 'rows of the matrices', sizesOf, [128, 256, 512, 1024])
    .addOption(engineOption())
    .option('--eager', 'run ours operation by operation')
    .option('--rounds <count>', 'how often everything is measured', countOf('--rounds'), 2)
    .option('--peer <python>', 'a Python that has PyTorch: ours and the peer take turns')
    .option('--csv <file>', 'write every measurement to this new file')
    .option('--json', 'print one JSON document instead of a table')
    .addHelpText(
      'after',
      `
Examples:
  npm run bench -- linalg --peer peer/bin/python
  npm run bench -- linalg --operations qr --sizes 2048,4096
  npm run bench -- linalg --sizes 512 --engine wasm`,
    )
    .action(linalg);
}

/** @param {LinalgOptions} options */
async function linalg(options) {
  warnWhenBusy();
  const { rows, append, close } = rowFile(options.csv, linalgColumns);
  try {
    for (let round = 1; round <= options.rounds; round++) {
      note(`round ${round} of ${options.rounds}: ours`);
      for (const row of await measureOurs(round, options)) append(row);
      if (options.peer === undefined) continue;
      note(`round ${round} of ${options.rounds}: peer`);
      for (const row of await measurePeer(round, options.peer, options)) append(row);
    }
  } finally {
    close();
  }
  if (options.json === true) printJson(rows);
  else print(linalgTable(rows).join('\n'));
}

/**
 * @param {number} round
 * @param {LinalgOptions} options
 * @returns {Promise<LinalgRow[]>}
 */
async function measureOurs(round, { operations, sizes, engine, eager }) {
  const { compiled, results, ...provenance } = await measureInProcess({
    what: 'our linear algebra',
    command: process.execPath,
    words: [
      fileURLToPath(new URL('linalg-child.js', import.meta.url)),
      JSON.stringify({ operations, sizes, engine, compile: eager !== true }),
    ],
    schema: oursSchema,
  });
  const mode = compiled ? 'compiled' : 'eager';
  return results.map((result) => ({ ...result, round, side: 'ours', mode, ...provenance }));
}

/**
 * @param {number} round
 * @param {string} peer
 * @param {LinalgOptions} options
 * @returns {Promise<LinalgRow[]>}
 */
async function measurePeer(round, peer, { operations, sizes }) {
  const {
    results,
    threads,
    peer: library,
  } = await measureInProcess({
    what: "the peer's linear algebra",
    command: peer,
    words: [
      fileURLToPath(new URL('peer/linalg.py', import.meta.url)),
      ...['--operations', operations.join(','), '--sizes', sizes.join(',')],
    ],
    variables: peerVariables(),
    schema: peerSchema,
  });
  const provenance = { measured_at: new Date().toISOString(), commit: '', library, device: cpuName(threads), threads };
  return results.map((result) => ({ ...result, round, side: 'peer', mode: 'eager', ...provenance }));
}

/** @param {string} text */
function sizesOf(text) {
  return text.split(',').map(countOf('--sizes'));
}
