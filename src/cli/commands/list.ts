import { Option, type Command } from 'commander';
import { wholeNumber } from '../options.js';
import { resultColors } from '../terminal/colors.js';
import { lineWidth, note, print, printJson, warn } from '../terminal/output.js';
import type { FoundExperiment } from '../../results/find.js';
import { foundStates, type FoundState } from '../../results/found-state.js';
import { plural, countText } from '../../format.js';

interface ListOptions {
  optimizer?: string[];
  state?: FoundState[];
  since?: string;
  where?: string[];
  sort?: string;
  reverse?: boolean;
  limit?: number;
  experiments?: boolean;
  json?: boolean;
}

/** `soap-bench list`: the experiments, sweeps and runs that there are. */
export function registerList(program: Command): void {
  program
    .command('list')
    .description('list experiments, sweeps and their runs')
    .argument('[folder]', 'where to look, with everything below it', 'results')
    .option('--optimizer <name...>', 'only runs of these optimizers')
    .addOption(new Option('--state <state...>', 'only runs in these states').choices(foundStates))
    .option('--since <time>', 'only runs begun since a day, a time, or 90m, 12h, 3d, 2w ago')
    .option('--where <condition...>', 'only runs that meet these, such as "final_loss<4" or train.steps=200')
    .option('--sort <field>', 'order by a field, the least first; left out, the newest experiment comes first')
    .option('--reverse', 'the other way round')
    .option('--limit <n>', 'show at most this many', wholeNumber({ least: 1, example: 10 }))
    .addOption(
      new Option('--experiments', 'a line an experiment instead of a line a run').conflicts(['sort', 'reverse']),
    )
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Fields are those of --json, any key of the configuration (train.steps,
model.d_model), and the options of the run's optimizer (lr,
precondition_frequency).

Examples:
  soap-bench list
  soap-bench list --optimizer soap shampoo --state finished \\
      --sort final_loss --limit 10
  soap-bench list --where "final_loss<4" "train.steps>=400" --since 3d
  soap-bench list --experiments
  soap-bench list --json \\
      | jq -r '.runs[] | select(.state == "killed") | .directory'

The names are what show and rm take; the end of one is enough, cut short as long
as nothing else begins so. A killed run ended without recording it; soap-bench
resume continues it.`,
    )
    .action(list);
}

async function list(folder: string, options: ListOptions): Promise<void> {
  const { findIn } = await import('../find-in.js');
  const experiments = findIn(folder);
  const all = experiments.flatMap(({ runs }) => runs);
  const chosen = await chooseRuns(all, options);
  const { runRow, runRowJson } = await import('../../analysis/run-rows.js');
  const { experimentList, experimentRow, runList } = await import('../../report/tables/run-list.js');
  const { textTable } = await import('../../table/text.js');
  const drawn = { width: lineWidth(), colors: resultColors };
  if (options.experiments === true) {
    const names = new Set(chosen.map(({ experiment }) => experiment));
    const isFiltered = chosen.length < all.length;
    const shown = experiments.filter(({ name }) => !isFiltered || names.has(name)).slice(0, options.limit);
    if (options.json === true) printJson({ folder, experiments: shown.map(experimentRow) });
    else if (shown.length === 0) note(nothing(experiments, folder));
    else print(textTable(experimentList(shown.map(experimentRow)), drawn).join('\n'));
  } else {
    const shown = chosen.slice(0, options.limit);
    if (options.json === true) printJson({ folder, runs: shown.map((run) => runRowJson(runRow(run))) });
    else if (shown.length === 0) note(nothing(experiments, folder));
    else print(textTable(runList(shown.map(runRow)), drawn).join('\n'));
    if (options.json !== true && shown.length < all.length)
      note(`${countText(shown.length)} of ${plural(all.length, 'run')}`);
  }
  for (const { directory, problem } of [...experiments, ...chosen]) {
    if (problem !== undefined) warn(`${directory}: ${problem}`);
  }
}

async function chooseRuns(
  all: FoundExperiment['runs'],
  { optimizer, state, since, where = [], sort, reverse }: ListOptions,
): Promise<FoundExperiment['runs']> {
  const { filterRuns, parseCondition, sortRuns } = await import('../../analysis/run-filter.js');
  const { parseSince } = await import('../../report/text/since.js');
  const from = since === undefined ? undefined : parseSince(since);
  const filtered = filterRuns(all, where.map(parseCondition)).filter(({ config, state: found, overview }) => {
    const started = overview?.status?.started_at;
    return (
      (optimizer?.some((name) => name === config?.optimizer) ?? true) &&
      (state?.includes(found) ?? true) &&
      (from === undefined || (started !== undefined && new Date(started) >= from))
    );
  });
  const sorted = sort === undefined ? filtered : sortRuns(filtered, sort);
  return reverse === true ? sorted.toReversed() : sorted;
}

function nothing(experiments: readonly FoundExperiment[], folder: string): string {
  return experiments.length === 0 ? `there are no experiments below ${folder} yet` : 'no run matches';
}
