import { note, print, printJson } from '../dist/cli/terminal/output.js';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { fullsizeTable } from './fullsize-table.js';
import { measureInProcess } from './measure-in-process.js';
import { engineOption, wordsOf, warnWhenBusy } from './options.js';
import { provenanceColumns } from './provenance.js';
import { rowFile } from './row-file.js';

/**
 * @import { Command } from 'commander'
 * @import { EngineName } from '../dist/engine/engine.js'
 * @import { CaseName } from './cases.js'
 * @import { Provenance } from './provenance.js'
 */

/**
 * A phase of a process that opens the full shape and runs its first calls. Memory is the largest resident set so far.
 * @typedef {Provenance & {
 *   case: CaseName, optimizer: string, phase: string, seconds: number, peak_rss_mib: number, state_mib: number,
 * }} FullsizeRow
 */

export const fullsizeColumns = /** @type {const} */ ([
  ...['case', 'optimizer', 'phase', 'seconds', 'peak_rss_mib', 'state_mib'],
  ...provenanceColumns,
]);

/** What is run: an AdamW step; SOAP's first call, which makes its bases, and a plain step. */
const calls = { adamw: 1, soap: 2 };
const optimizers = /** @type {(keyof typeof calls)[]} */ (Object.keys(calls));
const sizes = /** @type {const} */ (['full', 'tiny']);

const schema = z.object({
  measured_at: z.string(),
  commit: z.string(),
  library: z.string(),
  device: z.string(),
  threads: z.number(),
  state_mib: z.number(),
  phases: z.array(z.object({ phase: z.string(), seconds: z.number(), peak_rss_mib: z.number() })),
});

/**
 * `bench fullsize`: whether the paper's 360m model fits into a machine, and what its first steps take.
 * @param {Command} program
 */
export function registerFullsize(program) {
  program
    .command('fullsize')
    .description('open the 360m model at its full size and run the first calls of AdamW and SOAP')
    .option('--optimizer <names>', `of ${optimizers.join(', ')}`, wordsOf(optimizers, '--optimizer'), optimizers)
    .option('--case <name>', `of ${sizes.join(', ')}`, wordsOf(sizes, '--case'), [sizes[0]])
    .addOption(engineOption())
    .option('--csv <file>', 'write every measurement to this new file')
    .option('--json', 'print one JSON document instead of a table')
    .addHelpText(
      'after',
      `
24 layers of width 1024, a vocabulary of 32128, one sequence of 256 tokens. SOAP takes about twenty minutes on two cores,
nearly all of it in the eigendecompositions of its first call, and 19 GiB.

Examples:
  npm run bench -- fullsize --optimizer adamw
  npm run bench -- fullsize --csv results/published/performance/fullsize.csv`,
    )
    .action(fullsize);
}

/**
 * @param {{
 *   optimizer: (keyof typeof calls)[], case: CaseName[], engine: EngineName, csv?: string, json?: boolean,
 * }} options
 */
async function fullsize(options) {
  warnWhenBusy();
  const { rows, append, close } = rowFile(options.csv, fullsizeColumns);
  try {
    for (const name of options.case) {
      for (const optimizer of options.optimizer) {
        note(`${name} ${optimizer}: ${calls[optimizer]} calls`);
        const request = { case: name, optimizer, engine: options.engine, calls: calls[optimizer] };
        const { phases, ...rest } = await measureInProcess({
          what: `${name} ${optimizer}`,
          command: process.execPath,
          words: [fileURLToPath(new URL('fullsize-child.js', import.meta.url)), JSON.stringify(request)],
          schema,
        });
        for (const phase of phases) append({ case: name, optimizer, ...phase, ...rest });
      }
    }
  } finally {
    close();
  }
  if (options.json === true) printJson(rows);
  else print(fullsizeTable(rows).join('\n'));
}
