import type { Command } from 'commander';
import { SoapBenchError, exitCodes } from '../../errors.js';
import type { Found } from '../../results/find-by-name.js';
import type { FoundExperiment } from '../../results/find.js';
import { resultColors } from '../terminal/colors.js';
import { lineWidth, print, printJson } from '../terminal/output.js';
import { bytesText, plural } from '../../format.js';

interface ShowOptions {
  dir: string;
  json?: boolean;
}

/** `soap-bench show`: all that is known of a run, or of an experiment. */
export function registerShow(program: Command): void {
  program
    .command('show')
    .description('show what a run was, where it stands, where its files are and how to go on with it')
    .argument('<name>', 'a run or an experiment, as `list` names it or the end of that, or its folder')
    .option('--dir <folder>', 'where names are looked up', 'results')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Parts of a name can be cut short as long as nothing else begins so.

Examples:
  soap-bench show quickstart/20261122-143000/soap
  soap-bench show 20261122-1430/soap
  soap-bench show soap-3f2a                        # a task of a sweep
  soap-bench show results/quickstart/20261122-143000
  soap-bench show 20261122-1430/soap --json | jq .config`,
    )
    .action(show);
}

async function show(name: string, { dir, json }: ShowOptions): Promise<void> {
  const { findByName } = await import('../../results/find-by-name.js');
  const { warnPassedOver } = await import('../find-in.js');
  const { runPage, runPageText } = await import('../../report/text/run-page.js');
  const { runRow, runRowJson } = await import('../../analysis/run-rows.js');
  const { asExperiment } = await import('../../config/run-config.js');
  const [found, ...others] = findByName([name], dir, warnPassedOver) as [Found, ...Found[]];
  if (others.length > 0) throw severalFound(name, others.length + 1);
  if (found.kind === 'run') {
    const page = runPage(found.run, found.experiment);
    if (json === true)
      printJson({
        ...runRowJson(page.row),
        ...page,
        row: undefined,
        config: page.config && asExperiment(page.config),
      });
    else print(runPageText(page, lineWidth()));
    return;
  }
  const { experiment } = found;
  if (json === true) {
    const { experimentRow } = await import('../../report/tables/run-list.js');
    printJson({ ...experimentRow(experiment), runs: experiment.runs.map((run) => runRowJson(runRow(run))) });
  } else print(await experimentText(experiment));
}

async function experimentText(experiment: FoundExperiment): Promise<string> {
  const { runList } = await import('../../report/tables/run-list.js');
  const { textTable } = await import('../../table/text.js');
  const { runRow } = await import('../../analysis/run-rows.js');
  const { sizeOf } = await import('../../report/text/run-page.js');
  const { name, kind, directory, runs, problem } = experiment;
  const table = { width: lineWidth(), colors: resultColors };
  return [
    `${name}: ${kind} with ${plural(runs.length, 'run')}, ${bytesText(sizeOf(directory))}`,
    ...(problem === undefined ? [] : [`  ${problem}`]),
    '',
    ...(runs.length === 0 ? [] : [...textTable(runList(runs.map(runRow)), table), '']),
    `  folder   ${directory}`,
    `  results  soap-bench compare ${directory}`,
    `  again    soap-bench run ${directory}/config.yaml`,
  ].join('\n');
}

function severalFound(name: string, count: number): SoapBenchError {
  return new SoapBenchError('name_ambiguous', `"${name}" stands for ${count} runs and experiments`, {
    exitCode: exitCodes.usage,
    hint: '`soap-bench compare` takes several',
  });
}
