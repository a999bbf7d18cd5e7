import path from 'node:path';
import type { Command } from 'commander';
import { SoapBenchError, exitCodes } from '../../errors.js';
import { print } from '../terminal/output.js';

const schemaFile = 'soap-bench.schema.json';

/** `soap-bench init`: copies a configuration that ships with the package, to be edited. */
export function registerInit(program: Command): void {
  program
    .command('init')
    .description('copy a configuration that ships with soap-bench, to be edited')
    .argument('[name]', 'which one; `soap-bench config list` lists them', 'quickstart')
    .argument('[folder]', 'where to', '.')
    .addHelpText(
      'after',
      `
Beside the copy it writes a JSON Schema, by which editors complete and check the
keys (with the YAML language server, as in VS Code's YAML extension). A file
that is there already is left as it is, with exit code 2.

Examples:
  soap-bench init
  soap-bench init examples/bytes
  soap-bench init paper/headline-360m my-study`,
    )
    .action(async (name: string, folder: string) => {
      const { mkdirSync, readFileSync, writeFileSync } = await import('node:fs');
      const { bundledConfigs } = await import('../../config/bundled.js');
      const { configJsonSchema } = await import('../../config/json-schema.js');
      const { optimizers } = await import('../../optim/registry.js');
      const configs = bundledConfigs();
      const wanted = name.replace(/^configs\//, '').replace(/\.ya?ml$/, '');
      const config = configs.find((candidate) => candidate.name === wanted);
      if (config === undefined) {
        throw await unknownName(
          name,
          configs.map((candidate) => candidate.name),
        );
      }
      const copy = path.join(folder, path.basename(config.file));
      const text = readFileSync(config.file, 'utf8').replaceAll(`configs/${config.name}.yaml`, copy);
      mkdirSync(folder, { recursive: true });
      try {
        writeFileSync(copy, `# yaml-language-server: $schema=./${schemaFile}\n${text}`, { flag: 'wx' });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        throw new SoapBenchError('file_exists', `${copy} is there already; nothing was written`, {
          exitCode: exitCodes.usage,
          hint: 'name another folder: `soap-bench init NAME FOLDER`',
        });
      }
      writeFileSync(path.join(folder, schemaFile), `${JSON.stringify(configJsonSchema(optimizers), null, 2)}\n`);
      print(`${copy} is a copy of ${config.name}; ${path.join(folder, schemaFile)} tells editors its keys.`);
      print(`Edit it, then: soap-bench run ${copy}`);
    });
}

async function unknownName(name: string, names: readonly string[]): Promise<SoapBenchError> {
  const { didYouMean } = await import('../../did-you-mean.js');
  return new SoapBenchError('config_unknown', `No configuration is called "${name}".${didYouMean(name, names)}`, {
    exitCode: exitCodes.usage,
    hint: '`soap-bench config list` lists them all.',
  });
}
