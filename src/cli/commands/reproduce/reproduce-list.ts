import type { Command } from 'commander';
import { figures } from '../../../reproduce/figures.js';
import { textTable } from '../../../text-table.js';
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
      const column = (title: string, cells: string[]) => {
        return { title: [title], align: 'left' as const, cells: cells.map((text) => ({ text })) };
      };
      const columns = [
        column(
          'figure',
          figures.map(({ id }) => id),
        ),
        column(
          'what',
          figures.map(({ title }) => title),
        ),
        column(
          'in the paper',
          figures.map(({ paper }) => paper),
        ),
        column(
          'models',
          figures.map(({ experiments, kind }) => experiments.join(', ') + (kind === 'timed' ? ', timed' : '')),
        ),
      ];
      print(textTable(columns, (text) => text).join('\n'));
    });
}
