import type { Command } from 'commander';
import { decimal } from '../options.js';
import { hasColors } from '../terminal/colors.js';
import { lineWidth, print, printJson, warn } from '../terminal/output.js';

interface CompareOptions {
  dir: string;
  target?: number;
  slope?: number;
  plot: boolean;
  json?: boolean;
}

const loss = decimal({ what: 'a number above 0', example: '4.8', allows: (value) => value > 0 });
const slope = decimal({ what: 'nats per step, at least 0', example: '4.5e-5', allows: (value) => value >= 0 });

/** `soap-bench compare`: an experiment's closing table and plot again, or several runs and experiments side by side. */
export function registerCompare(program: Command): void {
  program
    .command('compare')
    .description('show who reached the target first in an experiment, or how several runs and experiments differ')
    .argument('<names...>', 'experiments and runs, as `list` names them or the ends of that, or their folders')
    .option('--dir <folder>', 'where names are looked up', 'results')
    .option('--target <loss>', 'compare at this validation loss (nats/token) instead of the configured target', loss)
    .option('--slope <nats>', 'what a training step is worth, to compare final losses of unequal lengths', slope)
    .option('--no-plot', 'leave out the loss curves')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
One experiment or sweep is compared within itself. Of several, or of runs, the
table has only the keys of the configuration in which they differ, and their
results. Runs that differ in nothing but the seed are a line; where two lines
share seeds, a paired test says how sure their difference is. An asterisk stands
for anything: 'sweep/soap-*' (in quotes) is every such task.

Examples:
  soap-bench compare results/quickstart/20250131-120000
  soap-bench compare 20250131-120000 --target 4.8 --no-plot
  soap-bench compare 20250131-12/soap 20250201-09/soap
  soap-bench compare 'sweep/adamw-*' 'sweep/soap-*'
  soap-bench compare long/adamw short/soap --slope 4.5e-5
  soap-bench compare results/quickstart/20250131-120000 --json \\
      | jq '.rows[] | {label, steps_to_target}'

Nothing is written; a running experiment can be looked at, too. In the JSON
document, "inf" is a target that was not reached and null is unknown.`,
    )
    .action(compare);
}

async function compare(names: string[], { dir, target, slope, plot, json }: CompareOptions): Promise<void> {
  const { findByName } = await import('../../results/find-by-name.js');
  const { warnPassedOver } = await import('../find-in.js');
  const { isExperiment } = await import('../../files/folders.js');
  const { analyse } = await import('../../analysis/analysis.js');
  const { readStudy } = await import('../../results/study.js');
  const { showResults } = await import('../results.js');
  const showOne = (directory: string) =>
    showResults(analyse(readStudy(directory), { target }), { plot, json: json === true });
  // Its files are many, and read once only when its runs are not looked up before.
  if (names.length === 1 && isExperiment(names[0]!)) {
    showOne(names[0]!);
    return;
  }
  const found = findByName(names, dir, warnPassedOver);
  const [only, ...others] = found;
  if (only?.kind === 'experiment' && others.length === 0) {
    showOne(only.experiment.directory);
    return;
  }
  const { compareSettings } = await import('../../analysis/settings.js');
  const { settingsJson, settingsText } = await import('../../report/text/settings-text.js');
  const runs = found.flatMap((one) => (one.kind === 'run' ? [one.run] : one.experiment.runs));
  const table = { ...compareSettings([...new Map(runs.map((run) => [run.directory, run])).values()], target), slope };
  if (json === true) printJson(settingsJson(table));
  else {
    const width = lineWidth();
    print(settingsText(table, { width, color: hasColors(process.stdout) }));
  }
  for (const { directory, problem } of runs) if (problem !== undefined) warn(`${directory}: ${problem}`);
}
