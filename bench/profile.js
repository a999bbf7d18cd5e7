import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { note, print, printJson } from '../dist/cli/terminal/output.js';
import { caseOption, optimizerOption, precisionOption, stepsOption } from './case-options.js';
import { period } from './cases.js';
import { measureInProcess } from './measure-in-process.js';
import { engineOption, warnWhenBusy } from './options.js';
import { profileTable } from './profile-table.js';
import { provenanceColumns } from './provenance.js';
import { rowFile } from './row-file.js';

/**
 * @import { Command } from 'commander'
 * @import { EngineName, Precision } from '../dist/engine/engine.js'
 * @import { BenchedOptimizer, CaseName } from './cases.js'
 * @import { Provenance } from './provenance.js'
 */

/**
 * What the ops of one name and shape do in a phase of a step. The time is that of the whole phase.
 * @typedef {Provenance & z.infer<typeof workSchema> & {
 *   case: CaseName, optimizer: BenchedOptimizer, precision: Precision, mode: 'compiled' | 'compiled, xla',
 *   phase: string, share: number, phase_ms: number, ceiling_gflops: number, bandwidth_gib_s: number,
 * }} ProfileRow
 */

export const profileColumns = /** @type {const} */ ([
  ...['case', 'optimizer', 'precision', 'mode', 'phase', 'share', 'phase_ms'],
  ...['kind', 'op', 'shape', 'count', 'gflop', 'mib', 'ceiling_gflops', 'bandwidth_gib_s'],
  ...provenanceColumns,
]);

const workSchema = z.object({
  kind: z.enum(['product', 'decomposition', 'pass']),
  op: z.string(),
  shape: z.string(),
  count: z.number(),
  gflop: z.number(),
  mib: z.number(),
});

const schema = z.object({
  measured_at: z.string(),
  commit: z.string(),
  library: z.string(),
  device: z.string(),
  threads: z.number(),
  ceiling_gflops: z.number().positive(),
  bandwidth_gib_s: z.number().positive(),
  phases: z.array(z.object({ phase: z.string(), share: z.number(), phase_ms: z.number(), rows: z.array(workSchema) })),
});

/**
 * @typedef {object} ProfileOptions
 * @property {CaseName[]} case
 * @property {BenchedOptimizer[]} optimizer
 * @property {Precision[]} precision
 * @property {EngineName} engine
 * @property {boolean} [xla]
 * @property {number} steps
 * @property {string} [csv]
 * @property {boolean} [json]
 */

/**
 * `bench profile`: what a training step consists of, and what the machine needs for it at least.
 * @param {Command} program
 */
export function registerProfile(program) {
  program
    .command('profile')
    .description('count the products and passes over memory of training steps, and time their phases')
    .addOption(caseOption(['eighth', 'quarter']))
    .addOption(optimizerOption())
    .addOption(precisionOption())
    .addOption(engineOption())
    .option('--xla', 'fuse neighbouring operations')
    .addOption(stepsOption())
    .option('--csv <file>', 'write a row for every op and shape to this new file')
    .option('--json', 'print one JSON document instead of a table')
    .addHelpText(
      'after',
      `
Example:
  npm run bench -- profile --case quarter --optimizer soap --xla`,
    )
    .action(profile);
}

/** @param {ProfileOptions} options */
async function profile(options) {
  warnWhenBusy();
  /** @type {ReturnType<typeof rowFile<ProfileRow>>} */
  const { rows, append, close } = rowFile(options.csv, profileColumns);
  const fuse = options.xla === true;
  try {
    for (const name of options.case) {
      for (const optimizer of options.optimizer) {
        for (const precision of options.precision) {
          note(`${name} ${optimizer} ${precision}`);
          const steps = Math.ceil(options.steps / period) * period;
          const request = { case: name, optimizer, precision, engine: options.engine, compile: true, fuse, steps };
          const { phases, ...machine } = await measureInProcess({
            what: `${name} ${optimizer}`,
            command: process.execPath,
            words: [fileURLToPath(new URL('profile-child.js', import.meta.url)), JSON.stringify(request)],
            schema,
          });
          const mode = fuse ? 'compiled, xla' : 'compiled';
          for (const { rows: works, ...phase } of phases) {
            for (const work of works) append({ case: name, optimizer, precision, mode, ...phase, ...work, ...machine });
          }
        }
      }
    }
  } finally {
    close();
  }
  if (options.json === true) printJson(rows);
  else print(profileTable(rows).join('\n'));
}
