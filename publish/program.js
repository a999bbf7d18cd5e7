import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { note, print } from '../dist/cli/terminal/output.js';
import { SoapBenchError } from '../dist/errors.js';
import { writeFiles } from '../dist/report/write-report.js';
import { differences, strangers } from './differences.js';
import { expectedFiles } from './expected-files.js';
import { publish } from './publish.js';

const checkout = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
/** @param {Command} command */
const withRoot = (command) => command.option('--root <folder>', 'the checkout', checkout);

/** Published results and the pages that show them: what `npm run results:*` runs. */
export function resultsProgram() {
  const program = new Command('npm run results:')
    .description('Published results: raw files as their runs wrote them, and all that follows from those.')
    .showHelpAfterError('(run with --help for the usage)')
    .exitOverride();

  withRoot(program.command('publish'))
    .description('copy what runs have written into results/published, and build what follows from it')
    .argument('<directories...>', 'folders of figures, experiments or sweeps')
    .addHelpText('after', '\nExample:\n  npm run results:publish -- results/paper/headline')
    .action((/** @type {string[]} */ directories, /** @type {{ root: string }} */ { root }) => {
      for (const directory of directories) {
        const { folder, files } = publish(directory, root);
        note(`${folder}: ${files} files`);
      }
      build(root);
    });

  withRoot(program.command('build'))
    .description('write every file that follows from results/published: tables, reports, numbers in the documentation')
    .action((/** @type {{ root: string }} */ { root }) => {
      build(root);
    });

  withRoot(program.command('check'))
    .description('build the same elsewhere and compare; end with 1 when something differs')
    .action((/** @type {{ root: string }} */ { root }) => {
      const expected = expectedFiles(root);
      const wrong = differences(root, expected);
      if (wrong.length === 0) {
        print(`${expected.size} files are what the published results say`);
        return;
      }
      throw new SoapBenchError('results_differ', `not what the published results say:\n${wrong.join('\n')}`, {
        hint: '`npm run results:build` writes them anew; look at what it changes',
      });
    });

  withRoot(program.command('screenshots'))
    .description('take pictures of a published page for the documentation, in headless Chromium')
    .action(async (/** @type {{ root: string }} */ { root }) => {
      const { takeScreenshots } = await import('./screenshots.js');
      for (const file of await takeScreenshots(root)) note(file);
    });
  return program;
}

/** @param {string} root */
function build(root) {
  const expected = expectedFiles(root);
  for (const file of strangers(root, expected)) {
    rmSync(join(root, file));
    note(`${file} removed: it followed from nothing that is published`);
  }
  const changed = differences(root, expected).length;
  writeFiles(expected, root);
  note(`${expected.size} files follow from the published results, ${changed} of them have changed`);
}
