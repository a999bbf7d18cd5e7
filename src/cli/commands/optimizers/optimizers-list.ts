import type { Command } from 'commander';
import { print, printJson, type OutputOptions } from '../../terminal/output.js';

interface ListOptions extends OutputOptions {
  markdown?: boolean;
}

/** `soap-bench optimizers list`. */
export function registerOptimizersList(command: Command): void {
  command
    .command('list')
    .description('list the optimizers')
    .option('--markdown', 'print all of them with their options as Markdown (docs/optimizers.md)')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  soap-bench optimizers list
  soap-bench optimizers list --json | jq -r '.[].name'`,
    )
    .action(async (options: ListOptions) => {
      if (options.markdown === true) {
        const { optimizersMarkdown } = await import('../../../config/optimizer-reference.js');
        print(optimizersMarkdown().trimEnd());
        return;
      }
      const { optimizers, optimizerNames } = await import('../../../optim/registry.js');
      const rows = optimizerNames.map((name) => {
        const { summary, source } = optimizers[name];
        return { name, summary, source };
      });
      const widest = Math.max(...rows.map(({ name }) => name.length));
      if (options.json === true) printJson(rows);
      else print(rows.map(({ name, summary }) => `${name.padEnd(widest)}  ${summary}`).join('\n'));
    });
}
