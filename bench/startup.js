import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { note, print, printJson } from '../dist/cli/terminal/output.js';
import { readRun } from '../dist/results/read-run.js';
import { benchedOptimizers } from './cases.js';
import { countOf, engineOption, wordsOf, warnWhenBusy } from './options.js';
import { provenanceColumns } from './provenance.js';
import { rowFile } from './row-file.js';
import { failure, provenanceOfRun, quickstartFile, runCommand } from './run-command.js';
import { startupTable } from './startup-table.js';
import { rounded } from './statistics.js';

/**
 * @import { Command } from 'commander'
 * @import { EngineName } from '../dist/engine/engine.js'
 * @import { BenchedOptimizer } from './cases.js'
 * @import { Provenance } from './provenance.js'
 */

/** @typedef {Provenance & { optimizer: BenchedOptimizer, round: number, phase: string, seconds: number }} StartupRow */

export const startupColumns = /** @type {const} */ (['optimizer', 'round', 'phase', 'seconds', ...provenanceColumns]);

/**
 * @typedef {object} StartupOptions
 * @property {BenchedOptimizer[]} optimizer
 * @property {EngineName} engine
 * @property {number} rounds
 * @property {string} [csv]
 * @property {boolean} [json]
 */

/**
 * `bench startup`: what passes between the command and the end of the first training step.
 * @param {Command} program
 */
export function registerStartup(program) {
  program
    .command('startup')
    .description('time the quickstart from the command to its first training step')
    .option(
      '--optimizer <names>',
      `of ${benchedOptimizers.join(', ')}`,
      wordsOf(benchedOptimizers, '--optimizer'),
      /** @type {BenchedOptimizer[]} */ (['adamw']),
    )
    .addOption(engineOption())
    .option('--rounds <count>', 'how often, after a first time that does not count', countOf('--rounds'), 3)
    .option('--csv <file>', 'write every measurement to this new file')
    .option('--json', 'print one JSON document instead of a table')
    .addHelpText(
      'after',
      `
Examples:
  npm run bench -- startup
  npm run bench -- startup --optimizer adamw,soap,shampoo --csv results/published/performance/startup.csv`,
    )
    .action(startup);
}

/** @param {StartupOptions} options */
async function startup(options) {
  warnWhenBusy();
  const { rows, append, close } = rowFile(options.csv, startupColumns);
  try {
    for (const optimizer of options.optimizer) {
      note(`${optimizer}: once to prepare data and fill caches`);
      await measure(optimizer, options.engine);
      for (let round = 1; round <= options.rounds; round++) {
        const { provenance, phases, total } = await measure(optimizer, options.engine);
        note(`${optimizer}, round ${round} of ${options.rounds}: ${total.toFixed(2)} s`);
        for (const { phase, seconds } of phases)
          append({ optimizer, round, phase, seconds: rounded(seconds, 3), ...provenance });
      }
    }
  } finally {
    close();
  }
  if (options.json === true) printJson(rows);
  else print(startupTable(rows).join('\n'));
}

/**
 * Runs the real command for a single step. Its phases follow from what it writes anyway: when its files were written, and
 * the clocks of evaluation and training in its metrics.
 * @param {BenchedOptimizer} optimizer
 * @param {EngineName} engine
 */
async function measure(optimizer, engine) {
  const folder = mkdtempSync(join(tmpdir(), 'soap-bench-startup-'));
  try {
    const command = Date.now();
    await runQuickstart(optimizer, engine, folder);
    const run = join(folder, 'runs', optimizer);
    const [first] = readRun(run).metrics;
    if (first === undefined) throw failure('its run has no metrics');
    const written = (/** @type {string} */ path) => statSync(path).mtimeMs;
    const experimentFolder = written(join(folder, 'config.yaml'));
    const engineOpen = written(join(run, 'environment.json'));
    const firstStep = written(join(run, 'metrics.csv'));
    const computing = first.eval_time_s + first.train_time_s;
    return {
      provenance: provenanceOfRun(run),
      total: (firstStep - command) / 1000,
      phases: [
        { phase: 'command: Node, configuration, data', seconds: (experimentFolder - command) / 1000 },
        { phase: "run's process: Node, data, library", seconds: (engineOpen - experimentFolder) / 1000 },
        { phase: 'program: tracing, first runs, first weights', seconds: (firstStep - engineOpen) / 1000 - computing },
        { phase: 'evaluation before training', seconds: first.eval_time_s },
        { phase: 'first training step', seconds: first.train_time_s },
      ],
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * @param {BenchedOptimizer} optimizer
 * @param {EngineName} engine
 * @param {string} output
 */
async function runQuickstart(optimizer, engine, output) {
  const others = benchedOptimizers.filter((name) => name !== optimizer).map((name) => `~optimizers.${name}`);
  const oneStep = ['train.steps=1', 'train.schedule.warmup_steps=0', `baseline=${optimizer}`];
  const words = ['run', quickstartFile, ...oneStep, ...others];
  await runCommand([...words, '--engine', engine, '--output', output]);
}
