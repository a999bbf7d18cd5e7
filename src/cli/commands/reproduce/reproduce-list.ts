import type { Command } from 'commander';
import { figures, type Figure } from '../../../reproduce/figures.js';
import { tableOf } from '../../../table/table.js';
import { textTable } from '../../../table/text.js';
import { resultColors } from '../../terminal/colors.js';
import { print, printJson } from '../../terminal/output.js';

/** `soap-bench reproduce list`: the figures that there are. */
export function registerReproduceList(reproduce: Command): void {
  reproduce
    .command('list')
    .description('list the figures of the paper that can be run again')
    .option('--json', 'print one JSON document, with the claims of the paper')
    .action((_options: object, command: Command) => {
      // An option that `reproduce` has as well is given to that one, wherever it stands.
      const { json = false } = command.optsWithGlobals<{ json?: boolean }>();
      if (json) {
        printJson({ figures });
        return;
      }
      const table = tableOf<Figure>(figures, [
        { title: 'figure', cell: ({ id }) => id },
        { title: 'what', cell: ({ title }) => title },
        { title: 'in the paper', cell: ({ paper }) => paper },
        {
          title: 'models',
          cell: ({ experiments, kind }) => experiments.join(', ') + (kind === 'timed' ? ', timed' : ''),
        },
      ]);
      print(textTable(table, { colors: resultColors }).join('\n'));
    });
}
