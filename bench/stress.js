import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { note, print, printJson } from '../dist/cli/terminal/output.js';
import { worthFusing } from '../dist/engine/engine.js';
import { SoapBenchError } from '../dist/errors.js';
import { optimizerNames } from '../dist/optim/registry.js';
import { CsvFile } from '../dist/files/csv-file.js';
import { caseOption, precisionOption, wordsOption } from './case-options.js';
import { cases } from './cases.js';
import { measureInProcess } from './measure-in-process.js';
import { countOf, engineOption } from './options.js';
import { provenanceColumns } from './provenance.js';
import { readRowFile } from './row-file.js';
import { mean } from './statistics.js';
import { stressTable } from './stress-table.js';

/**
 * @import { Command } from 'commander'
 * @import { EngineName, Precision } from '../dist/engine/engine.js'
 * @import { OptimizerName } from '../dist/optim/registry.js'
 * @import { CaseName } from './cases.js'
 * @import { Provenance } from './provenance.js'
 * @import { StressRequest } from './stress-child.js'
 */

/**
 * A training that has ended, one way or the other.
 * @typedef {Provenance & {
 *   case: CaseName, optimizer: OptimizerName, precision: Precision, way: string, sequences: number,
 *   fuse_from: number | null, fused: number | null, steps: number, done: number, ending: string,
 *   loss_1: number, loss_2: number, block_losses: string, validation_loss: number | null,
 *   rss_start_mib: number, rss_end_mib: number, seconds: number | null,
 * }} StressRow
 */

export const stressColumns = /** @type {const} */ ([
  ...['case', 'optimizer', 'precision', 'way', 'sequences', 'fuse_from', 'fused', 'steps', 'done', 'ending'],
  ...['loss_1', 'loss_2', 'block_losses', 'validation_loss', 'rss_start_mib', 'rss_end_mib', 'seconds'],
  ...provenanceColumns,
]);

/** Steps whose mean loss is one of `block_losses`. */
const block = 100;

const ended = z.object({
  measured_at: z.string(),
  commit: z.string(),
  library: z.string(),
  device: z.string(),
  threads: z.number(),
  ending: z.string(),
  validation_loss: z.number().nullable(),
  fused: z.number(),
  seconds: z.number(),
});

/**
 * @typedef {object} StressOptions
 * @property {CaseName[]} case
 * @property {OptimizerName[]} optimizer
 * @property {Precision[]} precision
 * @property {EngineName} engine
 * @property {number} steps
 * @property {number} perturbed
 * @property {number} [sequences]
 * @property {number} fuseFrom
 * @property {string} output
 * @property {boolean} [json]
 */

/**
 * `bench stress`: long trainings with fused steps and without, and how far apart they end.
 * @param {Command} program
 */
export function registerStress(program) {
  program
    .command('stress')
    .description('train every optimizer for long with fused steps and without: crashes, drift, memory')
    .addOption(caseOption(['tiny']))
    .addOption(wordsOption('--optimizer', `of ${optimizerNames.join(', ')}`, optimizerNames).default(optimizerNames))
    .addOption(precisionOption())
    .addOption(engineOption())
    .option('--steps <count>', 'steps of a training', countOf('--steps'), 2000)
    .option(
      '--perturbed <count>',
      'unfused trainings whose first weights differ by a last digit',
      countOf('--perturbed'),
      2,
    )
    .option('--sequences <count>', 'sequences a batch, instead of the case’s', countOf('--sequences'))
    .option('--fuse-from <elements>', 'smallest result that is fused', countOf('--fuse-from'), worthFusing)
    .requiredOption('--output <folder>', 'where stress.csv and the losses of every step go; goes on with what is there')
    .option('--json', 'print one JSON document instead of a table')
    .addHelpText(
      'after',
      `
A training is a process of its own, so that a crash is a row and not the end. Started again with the same folder, the command
trains what is not in stress.csv. Learning rates are those of configs/examples/rivals.yaml.

Examples:
  npm run bench -- stress --precision float32,bfloat16 --fuse-from 1 --output stress/tiny
  npm run bench -- stress --case eighth --sequences 4 --fuse-from 65536 --output stress/eighth`,
    )
    .action(stress);
}

/** @param {StressOptions} options */
async function stress(options) {
  mkdirSync(join(options.output, 'losses'), { recursive: true });
  const path = join(options.output, 'stress.csv');
  const rows = existsSync(path) ? /** @type {StressRow[]} */ (readRowFile(path, stressColumns, 'stress')) : [];
  /** @type {CsvFile<StressRow>} */
  const file = new CsvFile(path, stressColumns, existsSync(path) ? statSync(path).size : 0);
  try {
    for (const training of trainings(options)) {
      if (rows.some((row) => isOf(row, training))) continue;
      const row = await trainOne(training, options);
      rows.push(row);
      file.append(row);
    }
  } finally {
    file.close();
  }
  if (options.json === true) printJson(rows);
  else print(stressTable(rows).join('\n'));
}

/** @typedef {Pick<StressRow, 'case' | 'optimizer' | 'precision' | 'way' | 'sequences' | 'fuse_from' | 'steps'>} Training */

/**
 * What is to be trained, those that are compared one after the other.
 * @param {StressOptions} options
 * @returns {Training[]}
 */
function trainings({ case: names, optimizer: optimizers, precision: precisions, steps, perturbed, ...options }) {
  const numbers = Array.from({ length: perturbed }, (_, i) => i + 1);
  return names.flatMap((name) =>
    optimizers.flatMap((optimizer) =>
      precisions.flatMap((precision) => {
        const common = { case: name, optimizer, precision, sequences: options.sequences ?? cases[name].sequences };
        const unfused = { ...common, fuse_from: null, steps };
        return [
          // Op by op there is no bfloat16. The first update is all that this is for.
          ...(precision === 'float32' ? [{ ...unfused, way: 'eager', steps: 2 }] : []),
          { ...unfused, way: 'unfused' },
          { ...unfused, way: 'fused', fuse_from: options.fuseFrom },
          ...numbers.map((number) => ({ ...unfused, way: `perturbed ${number}` })),
        ];
      }),
    ),
  );
}

/**
 * @param {StressRow} row
 * @param {Training} training
 */
function isOf(row, training) {
  return Object.entries(training).every(([key, value]) => row[/** @type {keyof Training} */ (key)] === value);
}

/**
 * @param {Training} training
 * @param {StressOptions} options
 * @returns {Promise<StressRow>}
 */
async function trainOne(training, { engine, output, steps: planned }) {
  const { case: name, optimizer, precision, way, sequences, fuse_from, steps } = training;
  const what = `${name} ${optimizer} ${precision}, ${way}`;
  const losses = join(output, 'losses', `${name}-${optimizer}-${precision}-${way.replace(' ', '-')}.csv`);
  rmSync(losses, { force: true });
  /** @type {StressRequest} */
  const request = {
    case: name,
    optimizer,
    precision,
    engine,
    sequences,
    steps,
    losses,
    warmup: Math.floor(planned / 10),
    compile: way !== 'eager',
    fuseFrom: fuse_from,
    perturbation: Number(way.split(' ')[1] ?? 0),
  };
  const result = await measureInProcess({
    what,
    command: process.execPath,
    words: [fileURLToPath(new URL('stress-child.js', import.meta.url)), JSON.stringify(request)],
    schema: ended,
  }).catch(crash);
  const row = { ...training, ...result, ...figuresOf(losses) };
  note(
    `${what}: ${row.done} steps, ${row.ending.split('\n')[0]}, validation loss ${row.validation_loss?.toFixed(5) ?? '–'}`,
  );
  return row;
}

/**
 * A crash is what this looks for: it is a row like others, without what only an end could say.
 * @param {unknown} error
 */
function crash(error) {
  if (!(error instanceof SoapBenchError) || error.code !== 'measurement_failed') throw error;
  const provenance = { measured_at: new Date().toISOString(), commit: '', library: '', device: '', threads: NaN };
  return { ...provenance, ending: error.message, validation_loss: null, fused: null, seconds: null };
}

/**
 * What the steps of a training say, as far as it came.
 * @param {string} path
 */
function figuresOf(path) {
  /** @type {Record<string, string>[]} */
  const steps = existsSync(path) ? parse(readFileSync(path), { columns: true, relax_column_count: true }) : [];
  const losses = steps.map(({ loss }) => Number(loss));
  const blocks = Array.from({ length: Math.floor(losses.length / block) }, (_, i) =>
    mean(losses.slice(i * block, (i + 1) * block)).toFixed(6),
  );
  const memory = (/** @type {number} */ at) => Math.round(Number(steps.at(at)?.rss_bytes) / 2 ** 20);
  return {
    done: steps.length,
    loss_1: losses[0] ?? NaN,
    loss_2: losses[1] ?? NaN,
    block_losses: blocks.join(' '),
    // Everything that is compiled has run by then.
    rss_start_mib: memory(Math.min(block, steps.length) - 1),
    rss_end_mib: memory(-1),
  };
}
