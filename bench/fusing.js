import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { note, print, printJson } from '../dist/cli/terminal/output.js';
import { stepTimes } from '../dist/analysis/step-times.js';
import { readRun } from '../dist/results/read-run.js';
import { countOf, warnWhenBusy } from './options.js';
import { fusingTable } from './fusing-table.js';
import { provenanceColumns } from './provenance.js';
import { rowFile } from './row-file.js';
import { failure, provenanceOfRun, quickstartFile, runCommand } from './run-command.js';
import { rounded } from './statistics.js';

/**
 * @import { Command } from 'commander'
 * @import { Startup } from '../dist/results/environment.js'
 * @import { Provenance } from './provenance.js'
 */

/** @typedef {Provenance & { case: string, optimizer: string, way: string, round: number, step_ms: number, startup_s: number }} FusingRow */

export const fusingColumns = /** @type {const} */ ([
  ...['case', 'optimizer', 'way', 'round', 'step_ms', 'startup_s'],
  ...provenanceColumns,
]);

/** What is trained: the quickstart, and its model on the batches of the paper's figures. */
const trainings = { quickstart: [], eighth: ['model.context=128', 'train.batch_tokens=4096'] };
const optimizers = ['adamw', 'soap'];
/** Whole periods of SOAP's refreshes behind the first steps. */
const steps = 60;

/**
 * @typedef {object} FusingOptions
 * @property {number} rounds
 * @property {string} [csv]
 * @property {boolean} [json]
 */

/**
 * `bench fusing`: what fused steps cost at the start of a run, and what they bring.
 * @param {Command} program
 */
export function registerFusing(program) {
  program
    .command('fusing')
    .description('time short trainings with fused steps and without, in turn: the start, and a step')
    .option('--rounds <count>', 'how often everything is measured', countOf('--rounds'), 3)
    .option('--csv <file>', 'write every measurement to this new file')
    .option('--json', 'print one JSON document instead of a table')
    .addHelpText(
      'after',
      `
Example:
  npm run bench -- fusing --csv results/published/performance/fusing.csv`,
    )
    .action(fusing);
}

/** @param {FusingOptions} options */
async function fusing(options) {
  warnWhenBusy();
  const { rows, append, close } = rowFile(options.csv, fusingColumns);
  try {
    for (let round = 1; round <= options.rounds; round++) {
      for (const [name, words] of Object.entries(trainings)) {
        for (const optimizer of optimizers) {
          for (const way of round % 2 === 1 ? ['off', 'on'] : ['on', 'off']) {
            const row = { case: name, optimizer, way, round, ...(await measure(words, optimizer, way)) };
            note(`${name} ${optimizer}, xla ${way}, round ${round} of ${options.rounds}: ${row.step_ms} ms a step`);
            append(row);
          }
        }
      }
    }
  } finally {
    close();
  }
  if (options.json === true) printJson(rows);
  else print(fusingTable(rows).join('\n'));
}

/**
 * @param {readonly string[]} words
 * @param {string} optimizer
 * @param {string} way
 */
async function measure(words, optimizer, way) {
  const folder = mkdtempSync(join(tmpdir(), 'soap-bench-fusing-'));
  try {
    const others = ['adamw', 'shampoo', 'soap']
      .filter((name) => name !== optimizer)
      .map((name) => `~optimizers.${name}`);
    const short = [`train.steps=${steps}`, `train.eval_every=${steps}`, `baseline=${optimizer}`, `xla=${way}`];
    const output = join(folder, 'out');
    await runCommand([
      'run',
      quickstartFile,
      ...words,
      ...short,
      ...others,
      '--engine',
      'tensorflow',
      '--output',
      output,
    ]);
    const run = join(output, 'runs', optimizer);
    const { step_ms_mean } = stepTimes(readRun(run).metrics, 10);
    if (step_ms_mean === null) throw failure('its run has no steps');
    const startup = /** @type {Startup} */ (JSON.parse(readFileSync(join(run, 'startup.json'), 'utf8')));
    const startup_s = Object.values(startup.first_runs_s).reduce((sum, seconds) => sum + seconds, startup.tracing_s);
    return { step_ms: rounded(step_ms_mean, 2), startup_s: rounded(startup_s, 3), ...provenanceOfRun(run) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
