import { join } from 'node:path';
import type { Command } from 'commander';
import { wholeNumber } from '../options.js';
import { SoapBenchError, exitCodes } from '../../errors.js';
import { usualRounds } from '../../step-time/rounds.js';
import { resultColors } from '../terminal/colors.js';
import { lineWidth, note, print, printJson } from '../terminal/output.js';

interface TimeOptions {
  rounds: number;
  output?: string;
  json?: boolean;
  quiet?: boolean;
}

/** `soap-bench time`: how long a step of every setting takes, measured apart from training. */
export function registerTime(program: Command): void {
  program
    .command('time')
    .description('measure how long a training step of every setting takes, on this machine, now')
    .argument('<config...>', 'a folder with results, or YAML files and key=value overrides')
    .option(
      '--rounds <n>',
      'how often every setting is measured',
      wholeNumber({ least: 1, most: 999, example: 3 }),
      usualRounds,
    )
    .option('--output <folder>', 'of files and words, where to write; results/<experiment>/sweep when left out')
    .option('--json', 'print one JSON document instead of a table')
    .option('--quiet', 'print only the result')
    .addHelpText(
      'after',
      `
Writes step_times.csv into the folder of the experiment or sweep, of a figure
into each of its experiments' (docs/outputs.md). Where it is there, reports and
efficiency count steps times these times, and runs may have shared the machine
(--jobs).

In each round every setting is opened in a process of its own, warmed up, and
timed over whole periods of its preconditioner, at least 20 steps; every other
round goes backwards. Settings that differ only in learning rate, seed, length
and the like share their time. Nothing else should run meanwhile: the output
says how much CPU other programs took.

After an interruption the same command continues; what has been measured is kept
in step_times.partial.jsonl, unless machine or code have changed meanwhile.

Examples:
  soap-bench time results/quickstart/20250131-120000
  soap-bench time results/frequency/sweep --rounds 5
  soap-bench time configs/quickstart.yaml \\
      optimizers.soap.precondition_frequency=1,10,100 --output results/times`,
    )
    .action(time);
}

async function time(words: string[], { rounds, output, json = false, quiet = json }: TimeOptions): Promise<void> {
  const { timeFolder } = await import('../../step-time/time-folder.js');
  const { baselineOf } = await import('../../step-time/timed-settings.js');
  const { stepTimesFile } = await import('../../results/step-times-csv.js');
  const { stepTimesTable } = await import('../../report/tables/step-times-table.js');
  const { textTable } = await import('../../table/text.js');
  const { stopOnSignals } = await import('../stop-signals.js');
  const { stepTimeLines } = await import('../terminal/step-time-lines.js');
  const say = quiet ? () => undefined : note;
  // Ctrl-C ends the process that is being timed, too.
  const signal = stopOnSignals();
  const observer = stepTimeLines(say);
  const measured = [];
  for (const folder of await foldersOf(words, output)) {
    const rows = await timeFolder(folder, { rounds, observer, signal });
    measured.push({ folder, file: join(folder, stepTimesFile), baseline: baselineOf(folder), rows });
  }
  if (json) {
    printJson(measured);
    return;
  }
  const width = lineWidth();
  const tables = measured.map(({ file, baseline, rows }) => {
    const table = stepTimesTable(rows, baseline);
    return [...textTable(table, { width, colors: resultColors, elsewhere: 'The file has them.' }), '', file].join('\n');
  });
  print(tables.join('\n\n'));
}

/** The folders of experiments and sweeps that the words name: a folder's own, a figure's, or a new one. */
async function foldersOf(words: readonly string[], output: string | undefined): Promise<string[]> {
  const { isFolder } = await import('../../files/folders.js');
  const [only, ...others] = words;
  if (!isFolder(only!)) {
    const { splitWords } = await import('../../config/overrides.js');
    const { loadAsSweep } = await import('../../experiment/load-as-sweep.js');
    const { writeTimedFolder } = await import('../../step-time/timed-folder.js');
    return [writeTimedFolder(loadAsSweep(splitWords(words)), output)];
  }
  if (others.length > 0 || output !== undefined) {
    throw new SoapBenchError('usage', `found ${only} and more, expected a folder alone, or files and words`, {
      exitCode: exitCodes.usage,
      hint: 'times are written into the folder that is named',
    });
  }
  const { experimentFolders, isBegun, isFigureFolder } = await import('../../reproduce/figure-folder.js');
  if (!isFigureFolder(only!)) return [only!];
  const begun = experimentFolders(only!).filter(isBegun);
  if (begun.length > 0) return begun;
  throw new SoapBenchError('figure_not_begun', `${only} has no experiment that has been begun`, {
    exitCode: exitCodes.usage,
    hint: '`soap-bench reproduce` begins them',
  });
}
