import type { Command } from 'commander';
import type { ReferenceRow } from '../../config/reference.js';
import { SoapBenchError, exitCodes } from '../../errors.js';
import { print, printJson } from '../terminal/output.js';

interface ExplainOptions {
  json?: boolean;
  markdown?: boolean;
}

/** `soap-bench config explain`: every key, its default and its meaning. */
export function registerConfig(program: Command): void {
  const config = program.command('config').description('what a configuration may say, and which ones there are');
  config
    .command('list')
    .description('list the configurations that ship with soap-bench, by the names that `run` and `init` take')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  soap-bench config list
  soap-bench run quickstart
  soap-bench init examples/bytes`,
    )
    .action(async ({ json }: ExplainOptions) => {
      const { bundledConfigs } = await import('../../config/bundled.js');
      const configs = bundledConfigs();
      const widest = Math.max(...configs.map(({ name }) => name.length));
      if (json) printJson(configs);
      else print(configs.map(({ name, summary }) => `${name.padEnd(widest)}  ${summary}`).join('\n'));
    });
  config
    .command('schema')
    .description('print the JSON Schema of configurations, for editors')
    .addHelpText(
      'after',
      `
Example:
  soap-bench config schema > soap-bench.schema.json`,
    )
    .action(async () => {
      const { configJsonSchema } = await import('../../config/json-schema.js');
      const { optimizers } = await import('../../optim/registry.js');
      print(JSON.stringify(configJsonSchema(optimizers), null, 2));
    });
  config
    .command('explain')
    .description('list keys with what they allow, their default and their meaning')
    .argument('[path]', 'a dotted key: only it and what is below it')
    .option('--markdown', 'print the whole reference as Markdown (docs/config.md)')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  soap-bench config explain
  soap-bench config explain optimizers.soap
  soap-bench config explain train.schedule --json`,
    )
    .action(async (path: string | undefined, options: ExplainOptions) => {
      const { optimizers } = await import('../../optim/registry.js');
      const reference = await import('../../config/reference.js');
      if (options.markdown) {
        print(reference.referenceMarkdown(optimizers).trimEnd());
        return;
      }
      const all = reference.referenceRows(optimizers);
      const rows = reference.rowsBelow(all, path ?? '');
      if (rows.length === 0) await failUnknown(path ?? '', all);
      if (options.json) printJson(rows);
      else print(rows.map(rowText).join('\n'));
    });
}

async function failUnknown(path: string, rows: readonly ReferenceRow[]): Promise<never> {
  const { didYouMean } = await import('../../did-you-mean.js');
  const keys = rows.map(({ key }) => key);
  const guess = didYouMean(path, [...new Set([...keys, ...keys.map((key) => key.replace(/\.[^.]*$/, ''))])]);
  throw new SoapBenchError('config_key_unknown', `There is no key ${path} in a configuration.${guess}`, {
    exitCode: exitCodes.usage,
    hint: '`soap-bench config explain` lists them all.',
  });
}

function rowText({ key, allowed, fallback, required, meaning }: ReferenceRow): string {
  const remark = required ? ' (required)' : fallback === undefined ? '' : ` (default ${fallback})`;
  return `${key}: ${allowed}${remark}\n    ${meaning}`;
}
