import { InvalidArgumentError, type Command } from 'commander';

interface CompareOptions {
  target?: number;
  plot: boolean;
  json?: boolean;
}

/** `soap-bench compare`: the closing table and plot of an experiment, again or for another target. */
export function registerCompare(program: Command): void {
  program
    .command('compare')
    .description('show which optimizer of an experiment reached the target first')
    .argument('<directory>', 'an experiment’s directory, results/<name>/<date>-<time> or …/sweep')
    .option('--target <loss>', 'compare at this validation loss (nats a token) instead of the configured one', loss)
    .option('--no-plot', 'leave out the loss curves')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  soap-bench compare results/quickstart/20250131-120000
  soap-bench compare results/quickstart/20250131-120000 --target 4.8 --no-plot
  soap-bench compare results/quickstart/20250131-120000 --json | jq '.rows[] | {label, steps_to_target}'

Nothing is written; a running experiment can be looked at, too. In the JSON document, "inf" is a target that was not
reached and null is unknown.`,
    )
    .action(async (directory: string, options: CompareOptions) => {
      const { showResults } = await import('./results.js');
      showResults(directory, { target: options.target, plot: options.plot, json: options.json === true });
    });
}

function loss(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0) {
    throw new InvalidArgumentError('It must be a number above 0, such as 4.8.');
  }
  return value;
}
