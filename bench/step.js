import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { note, print, printJson, warn } from '../dist/cli/terminal/output.js';
import { cpuName } from '../dist/engine/tensorflow/load.js';
import { z } from 'zod';
import { caseOption, optimizerOption, precisionOption, stepsOption } from './case-options.js';
import { period } from './cases.js';
import { measureInProcess } from './measure-in-process.js';
import { countOf, engineOption, peerVariables, usage, warnWhenBusy } from './options.js';
import { provenanceColumns } from './provenance.js';
import { rowFile } from './row-file.js';
import { stepTable } from './step-table.js';

/**
 * @import { Command } from 'commander'
 * @import { EngineName, Precision } from '../dist/engine/engine.js'
 * @import { BenchedOptimizer, CaseName } from './cases.js'
 * @import { Provenance } from './provenance.js'
 */

/**
 * A measurement of a training step in one process. The peer's rows have no ceiling.
 * @typedef {Provenance & Measured & {
 *   case: CaseName, optimizer: BenchedOptimizer, precision: Precision, round: number, side: 'ours' | 'peer', mode: 'eager' | 'compiled' | 'compiled, xla',
 *   steps: number, ceiling_gflops: number | null, ceiling_share: number | null,
 * }} StepRow
 */

/** @typedef {z.infer<typeof measured>} Measured */

export const stepColumns = /** @type {const} */ ([
  ...[
    'case',
    'optimizer',
    'precision',
    'round',
    'side',
    'mode',
    'parameters',
    'tokens',
    'steps',
    'median_ms',
    'mean_ms',
  ],
  ...['model_gflops', 'ceiling_gflops', 'ceiling_share', 'peak_rss_mib'],
  ...provenanceColumns,
]);

const measured = z.object({
  parameters: z.number(),
  tokens: z.number(),
  median_ms: z.number().positive(),
  mean_ms: z.number().positive(),
  model_gflops: z.number(),
  peak_rss_mib: z.number(),
});

const oursSchema = measured.extend({
  measured_at: z.string(),
  commit: z.string(),
  library: z.string(),
  device: z.string(),
  threads: z.number(),
  compiled: z.boolean(),
  ceiling_gflops: z.number(),
  ceiling_share: z.number(),
});

const peerSchema = measured.extend({ peer: z.string(), compiled: z.boolean() });

/**
 * @typedef {object} StepOptions
 * @property {CaseName[]} case
 * @property {BenchedOptimizer[]} optimizer
 * @property {Precision[]} precision
 * @property {EngineName} engine
 * @property {boolean} [eager]
 * @property {boolean} [xla]
 * @property {number} steps
 * @property {number} rounds
 * @property {string} [peer]
 * @property {string} [refs]
 * @property {boolean} [peerCompile]
 * @property {string} [csv]
 * @property {boolean} [json]
 */

/**
 * `bench step`: the time of a training step, beside the same step in PyTorch.
 * @param {Command} program
 */
export function registerStep(program) {
  program
    .command('step')
    .description('time training steps, each measurement in a process of its own')
    .addOption(caseOption(['eighth', 'quarter', 'half']))
    .addOption(optimizerOption())
    .addOption(precisionOption())
    .addOption(engineOption())
    .option('--eager', 'run our steps operation by operation')
    .option('--xla', 'fuse neighbouring operations of our compiled steps')
    .addOption(stepsOption())
    .option('--rounds <count>', 'how often everything is measured', countOf('--rounds'), 2)
    .option('--peer <python>', 'a Python that has PyTorch: ours and the peer take turns')
    .option('--refs <folder>', "the peer's optimizers: soap.py, and fb/, a checkout of facebookresearch/optimizers")
    .option('--peer-compile', 'measure the peer under torch.compile too; the faster of both counts')
    .option('--csv <file>', 'write every measurement to this new file')
    .option('--json', 'print one JSON document instead of a table')
    .addHelpText(
      'after',
      `
Examples:
  npm run bench -- step --case eighth --optimizer adamw
  npm run bench -- step --case quarter --optimizer adamw --precision float32,bfloat16 --peer peer/bin/python
  npm run bench -- step --peer peer/bin/python --refs refs --csv results/published/performance/step.csv

docs/performance.md says how the figures come about and how to install the peer.`,
    )
    .action(step);
}

/** @param {StepOptions} options */
async function step(options) {
  checkPeer(options);
  warnWhenBusy();
  const { rows, append, close } = rowFile(options.csv, stepColumns);
  try {
    for (const name of options.case) {
      for (const optimizer of options.optimizer) {
        for (const precision of options.precision) await measureCase(name, optimizer, precision, options, append);
      }
    }
  } finally {
    close();
  }
  if (options.json === true) printJson(rows);
  else print(stepTable(rows).join('\n'));
}

/** @param {StepOptions} options */
function checkPeer({ peer, refs, peerCompile, optimizer }) {
  if (peer === undefined) {
    if (refs !== undefined || peerCompile === true)
      throw usage('--refs and --peer-compile are about a peer: give --peer');
  } else if (refs === undefined && optimizer.some((name) => name !== 'adamw')) {
    throw usage("--peer needs --refs for SOAP and Shampoo, the folder with their authors' code");
  }
}

/**
 * Ours and the peer in turns, so that what else happens on the machine hits both.
 * @param {CaseName} name
 * @param {BenchedOptimizer} optimizer
 * @param {Precision} precision
 * @param {StepOptions} options
 * @param {(row: StepRow) => void} append
 */
async function measureCase(name, optimizer, precision, options, append) {
  const steps = Math.ceil(options.steps / period) * period;
  const peerModes = peerModesOf(optimizer, options);
  for (let round = 1; round <= options.rounds; round++) {
    const common = { case: name, optimizer, precision, round, steps };
    const ours = await measureOurs(common, options);
    report(ours, options.rounds);
    append(ours);
    for (const mode of peerModes) {
      const peer = await measurePeer({ ...common, mode }, options);
      assertSameModel(ours, peer);
      report(peer, options.rounds);
      append(peer);
    }
  }
}

/**
 * @param {BenchedOptimizer} optimizer
 * @param {StepOptions} options
 * @returns {('eager' | 'compiled')[]} Empty when there is no peer for the optimizer.
 */
function peerModesOf(optimizer, { peer, refs = '', peerCompile }) {
  if (peer === undefined) return [];
  const needed = { adamw: undefined, soap: 'soap.py', shampoo: 'fb/distributed_shampoo' }[optimizer];
  if (needed !== undefined && !existsSync(join(refs, needed))) {
    warn(`no peer for ${optimizer}: ${join(refs, needed)} is missing; only ours is measured`);
    return [];
  }
  return peerCompile === true ? ['eager', 'compiled'] : ['eager'];
}

/** @typedef {Pick<StepRow, 'case' | 'optimizer' | 'precision' | 'round' | 'steps'>} Common */

/**
 * @param {Common} common
 * @param {StepOptions} options
 * @returns {Promise<StepRow>}
 */
async function measureOurs(common, { engine, eager, xla }) {
  const request = {
    case: common.case,
    optimizer: common.optimizer,
    precision: common.precision,
    engine,
    compile: eager !== true,
    fuse: xla === true,
    steps: common.steps,
  };
  const { compiled, ...values } = await measureInProcess({
    what: `${common.case} ${common.optimizer}`,
    command: process.execPath,
    words: [fileURLToPath(new URL('step-child.js', import.meta.url)), JSON.stringify(request)],
    schema: oursSchema,
  });
  const mode = compiled && xla === true ? 'compiled, xla' : modeOf(compiled);
  return { ...common, side: 'ours', mode, ...values };
}

/**
 * @param {Common & { mode: 'eager' | 'compiled' }} common
 * @param {StepOptions} options
 * @returns {Promise<StepRow>}
 */
async function measurePeer({ mode, ...common }, { peer = '', refs }) {
  const variables = peerVariables();
  const words = [
    fileURLToPath(new URL('peer/bench.py', import.meta.url)),
    ...['--case', common.case, '--optimizer', common.optimizer, '--steps', String(common.steps)],
    ...['--precision', common.precision],
    ...(refs === undefined ? [] : ['--refs', refs]),
    ...(mode === 'compiled' ? ['--compile'] : []),
  ];
  const what = `the peer's ${common.case} ${common.optimizer}`;
  const document = await measureInProcess({ what, command: peer, words, variables, schema: peerSchema });
  const { peer: library, compiled, ...values } = document;
  const threads = Number(variables.OMP_NUM_THREADS);
  return {
    ...common,
    side: 'peer',
    mode: modeOf(compiled),
    ...values,
    ceiling_gflops: null,
    ceiling_share: null,
    measured_at: new Date().toISOString(),
    commit: '',
    library,
    device: cpuName(threads),
    threads,
  };
}

/** @param {boolean} compiled */
function modeOf(compiled) {
  return compiled ? 'compiled' : 'eager';
}

/**
 * @param {StepRow} ours
 * @param {StepRow} peer
 */
function assertSameModel(ours, peer) {
  for (const key of /** @type {const} */ (['parameters', 'tokens'])) {
    if (ours[key] !== peer[key]) {
      throw usage(`the peer's ${ours.case} has ${peer[key]} ${key}, ours ${ours[key]}: it does not do the same work`);
    }
  }
}

/**
 * @param {StepRow} row
 * @param {number} rounds
 */
function report({ case: name, optimizer, precision, round, side, mode, median_ms, mean_ms }, rounds) {
  note(
    `${name} ${optimizer} ${precision}, round ${round} of ${rounds}: ${side} (${mode}) ` +
      `median ${median_ms.toFixed(1)} ms, mean ${mean_ms.toFixed(1)} ms`,
  );
}
