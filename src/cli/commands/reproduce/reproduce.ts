import { InvalidArgumentError, Option, type Command } from 'commander';
import { parseScale } from '../../../config/scale.js';
import { profiles, protocols } from '../../../reproduce/figure-folder.js';
import { jobsOption } from '../../options.js';
import type { ReproduceOptions } from './reproduce-options.js';
import { registerReproduceList } from './reproduce-list.js';

/** `soap-bench reproduce`: runs figures of the SOAP paper again and holds what comes of it against the paper. */
export function registerReproduce(program: Command): void {
  const reproduce = program
    .command('reproduce')
    .description('run figures of the SOAP paper again, and hold what comes of it against its claims')
    .argument('[figures...]', 'figures, by default all; YAML files and key=value overrides change them')
    .addOption(new Option('--profile <name>', 'how much is trained').choices(profiles).default('standard'))
    .addOption(new Option('--protocol <name>', 'whose training recipe').choices(protocols).default('paper'))
    .option('--scale <fraction>', "scale of the model, in place of the configuration's", fraction)
    .option('--output <folder>', "where the figures' folders go; results/paper when left out")
    .addOption(jobsOption())
    .option('--dry-run', 'print the runs that it equals, their tasks and their time; train nothing')
    .option('--yes', 'go on with --profile full where there is no GPU')
    .option('--json', 'print one JSON document instead of text')
    .option('--quiet', 'print only the result')
    .addHelpText(
      'after',
      `
Examples:
  soap-bench reproduce list
  soap-bench reproduce headline --profile quick          minutes: a first look, too short to settle anything
  soap-bench reproduce headline frequency                one sitting each, at an eighth of the model
  soap-bench reproduce headline --protocol strong        as the paper's critics train
  soap-bench reproduce headline --dry-run                the same as \`soap-bench run\` lines, and how long they take
  soap-bench reproduce headline seeds=0 --output mine    with changes, into a folder of its own

Each experiment of a figure is a file of configs/paper; --profile and --protocol
merge the file of the same name in quick/, full/ and strong/ over it. Results go
to results/paper/<figure>. Runs that another figure's folder already has are
reused. After an interruption the same command resumes (docs/reproduce.md).

Ends as \`soap-bench run\` does.`,
    )
    .action(async (words: string[], options: ReproduceOptions) => {
      const { reproduceFigures } = await import('./reproduce-figures.js');
      await reproduceFigures(words, options);
    });
  registerReproduceList(reproduce);
}

function fraction(text: string): string {
  if (parseScale(text) === undefined) {
    throw new InvalidArgumentError('It must be a fraction such as 1/8, at most 1.');
  }
  return text.replaceAll(/\s/g, '');
}
