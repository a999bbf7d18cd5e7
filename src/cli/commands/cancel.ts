import type { Command } from 'commander';
import { SoapBenchError, exitCodes } from '../../errors.js';
import { print, printJson } from '../terminal/output.js';
import { plural } from '../../format.js';

interface CancelOptions {
  json?: boolean;
}

/** `soap-bench cancel`: takes what was submitted out of Slurm's queue. */
export function registerCancel(program: Command): void {
  program
    .command('cancel')
    .description('take the tasks of a sweep out of Slurm’s queue; those that run write a checkpoint first')
    .argument('<folder>', 'the sweep’s folder')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Finished work is kept: the same \`run\` command submits again what is missing.

Example:
  soap-bench cancel results/frequency-sweep/sweep`,
    )
    .action(async (folder: string, { json = false }: CancelOptions) => {
      const { knownRuns } = await import('../../experiment/folder.js');
      const { tasksInQueue } = await import('../../experiment/slurm/tasks-in-queue.js');
      const { cancelJobs } = await import('../../experiment/slurm/commands.js');
      // Says what is wrong with a folder that is none of ours.
      knownRuns(folder);
      const queued = [...(await tasksInQueue(folder)).values()];
      if (queued.length === 0) throw nothingToCancel(folder);
      const jobs = [...new Set(queued.map(({ element }) => element.split('_')[0]!))];
      await cancelJobs(jobs);
      const running = queued.filter((task) => task.running).length;
      if (json) printJson({ folder, jobs, cancelled: queued.length, running });
      else print(`cancelled ${plural(queued.length, 'task')}, ${running} of them running`);
    });
}

function nothingToCancel(folder: string): SoapBenchError {
  return new SoapBenchError('nothing_to_cancel', `Slurm has no task of ${folder} in its queue`, {
    exitCode: exitCodes.usage,
    hint: 'what is trained on this machine is stopped by Ctrl-C or SIGTERM, also with a checkpoint',
  });
}
