import type { Command } from 'commander';
import { SoapBenchError } from '../../errors.js';
import type { RunProgress, RunState } from '../../experiment/run-states.js';
import type { QueuedTask } from '../../experiment/slurm/tasks-in-queue.js';
import { resultColors } from '../terminal/colors.js';
import { print, printJson, warn } from '../terminal/output.js';

interface StatusOptions {
  json?: boolean;
}

/** `soap-bench status`: where the runs of a folder stand, here and on a cluster. */
export function registerStatus(program: Command): void {
  program
    .command('status')
    .description('show which runs of an experiment or a sweep are done, running, pending or failed')
    .argument('<folder>', 'folder of the experiment or sweep')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Reads the runs' files and, when tasks were submitted, asks Slurm's queue.

Examples:
  soap-bench status results/frequency-sweep/sweep
  soap-bench status results/frequency-sweep/sweep --json | jq .counts`,
    )
    .action(async (folder: string, { json = false }: StatusOptions) => {
      const { knownRuns } = await import('../../experiment/folder.js');
      const { runProgress, runStates } = await import('../../experiment/run-states.js');
      const { tasksInQueue } = await import('../../experiment/slurm/tasks-in-queue.js');
      const progress = runProgress(knownRuns(folder), folder, await tasksInQueue(folder).catch(withoutQueue));
      const counts = runStates.map((state) => ({ state, count: progress.filter((run) => run.state === state).length }));
      if (json) {
        const listed = progress.map(({ run, state, step, element, note }) => ({
          run: run.id,
          label: run.label,
          state,
          step,
          steps: run.config.train.steps,
          slurm: element ?? null,
          note: note === '' ? null : note,
        }));
        printJson({
          folder,
          counts: Object.fromEntries(counts.map(({ state, count }) => [state, count])),
          runs: listed,
        });
      } else print(await statusText(progress, counts));
    });
}

/** Files alone still say much; the states of what Slurm has are then unknown. */
function withoutQueue(error: unknown): Map<string, QueuedTask> {
  if (!(error instanceof SoapBenchError) || !error.code.startsWith('slurm_')) throw error;
  warn(`${error.message}; what it trains or has in its queue is not told apart from what was stopped`);
  return new Map();
}

async function statusText(
  progress: readonly RunProgress[],
  counts: readonly { state: RunState; count: number }[],
): Promise<string> {
  const { tableOf } = await import('../../table/table.js');
  const { textTable } = await import('../../table/text.js');
  const { countText } = await import('../../format.js');
  const noteOf = ({ element, note }: RunProgress) =>
    [element === undefined ? '' : `Slurm ${element}`, note.split('\n')[0]!].filter((text) => text !== '').join(': ');
  const table = tableOf<RunProgress>(progress, [
    { title: 'run', cell: ({ run }) => run.id },
    { title: 'setting', cell: ({ run }) => run.label },
    { title: 'state', cell: ({ state }) => state.replace('_', ' ') },
    {
      title: 'steps',
      align: 'right',
      cell: ({ run, step }) => `${countText(step)}/${countText(run.config.train.steps)}`,
    },
    { title: '', cell: noteOf },
  ]);
  const total = counts
    .filter(({ count }) => count > 0)
    .map(({ state, count }) => `${countText(count)} ${state.replace('_', ' ')}`);
  return [...textTable(table, { colors: resultColors }), '', `${total.join(', ')}.`].join('\n');
}
