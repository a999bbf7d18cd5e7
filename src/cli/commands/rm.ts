import type { Command } from 'commander';
import type { Found } from '../../results/find-by-name.js';
import { note, print, printJson, warn } from '../terminal/output.js';
import { plural } from '../../format.js';

interface RemoveOptions {
  dir: string;
  yes?: boolean;
  json?: boolean;
}

/** `soap-bench rm`: removes runs, sweeps and experiments. */
export function registerRemove(program: Command): void {
  program
    .command('rm')
    .description('remove runs, or whole experiments and sweeps, with all their files')
    .argument('<name...>', 'runs or experiments, as `list` names them or the ends of that, or their folders')
    .option('--dir <folder>', 'where names are looked up', 'results')
    .option('--yes', 'do not ask')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Asks first; where nobody can be asked, --yes is needed. Folders that a process
writes into are refused, and so are links and folders that soap-bench run has
not made. Files of yours in a folder stay, and so does what a link in it stands
for: only what soap-bench has written is removed. A run that is removed from an
experiment or a sweep counts as not started: resume, or the same sweep again,
trains it anew.

Examples:
  soap-bench rm quickstart/20261122-143000
  soap-bench rm soap-3f2a soap-77c0 --yes
  soap-bench list --state failed --json | jq -r '.runs[].directory' \\
      | xargs soap-bench rm --yes`,
    )
    .action(remove);
}

async function remove(names: string[], { dir, yes, json }: RemoveOptions): Promise<void> {
  const { findByName, nameOf } = await import('../../results/find-by-name.js');
  const { warnPassedOver } = await import('../find-in.js');
  const { removeFound, assertRemovable } = await import('../../results/remove.js');
  const { sizeOf } = await import('../../report/text/run-page.js');
  const { bytesText } = await import('../../format.js');
  const chosen = onceEach(findByName(names, dir, warnPassedOver));
  for (const found of chosen) assertRemovable(found);
  const listed = chosen.map((found) => {
    const { directory } = found.kind === 'run' ? found.run : found.experiment;
    const runs = found.kind === 'run' ? 1 : found.experiment.runs.length;
    return { name: nameOf(found), kind: found.kind, directory, runs, bytes: sizeOf(directory) };
  });
  if (yes !== true) {
    for (const { directory, kind, runs, bytes } of listed) {
      note(`${directory}  ${kind === 'run' ? '' : `${plural(runs, 'run')}, `}${bytesText(bytes)}`);
    }
    if (!(await agreed())) {
      note('nothing was removed');
      return;
    }
  }
  const removed = [];
  for (const [index, found] of chosen.entries()) {
    const one = { ...listed[index]!, kept: removeFound(found) };
    if (found.kind === 'run') await rewriteResults(found.experiment.directory);
    removed.push(one);
    if (json !== true) print(`removed ${one.directory}`);
    if (one.kept.length > 0) warn(`${one.directory} stays, with what soap-bench has not made: ${listText(one.kept)}`);
  }
  if (json === true) printJson({ removed });
}

function listText(paths: readonly string[]): string {
  const more = paths.length > 5 ? ` and ${paths.length - 5} more` : '';
  return `${paths.slice(0, 5).join(', ')}${more}`;
}

/** A run goes along with its experiment. */
function onceEach(found: readonly Found[]): Found[] {
  const experiments = found.filter(({ kind }) => kind === 'experiment').map(({ experiment }) => experiment.directory);
  const others = found.filter(
    ({ kind, experiment }) => kind === 'experiment' || !experiments.includes(experiment.directory),
  );
  const directoryOf = (one: Found) => (one.kind === 'run' ? one.run : one.experiment).directory;
  return [...new Map(others.map((one) => [directoryOf(one), one])).values()];
}

/** @throws SoapBenchError `confirmation_needed` where nobody can be asked. */
async function agreed(): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    const { SoapBenchError, exitCodes } = await import('../../errors.js');
    throw new SoapBenchError('confirmation_needed', 'nothing was removed: there is no terminal to ask at', {
      exitCode: exitCodes.usage,
      hint: 'say --yes to remove these',
    });
  }
  const { createInterface } = await import('node:readline/promises');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question('remove for good? [y/N] ');
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

/** The tables of an experiment follow from its runs. */
async function rewriteResults(directory: string): Promise<void> {
  const { analyse } = await import('../../analysis/analysis.js');
  const { readStudy } = await import('../../results/study.js');
  const { writeStudyFiles } = await import('../../report/csv/study-files.js');
  const { messageOf } = await import('../../errors.js');
  try {
    writeStudyFiles(analyse(readStudy(directory)));
  } catch (error) {
    warn(`summary.csv of ${directory} still counts it: ${messageOf(error)}`);
  }
}
