import type { Command } from 'commander';
import { jobsOption } from '../options.js';

interface ResumeOptions {
  jobs: number;
  requireTarget?: boolean;
  json?: boolean;
  quiet?: boolean;
}

/** `soap-bench resume`: goes on with an experiment or a sweep that was stopped or killed. */
export function registerResume(program: Command): void {
  program
    .command('resume')
    .description('go on with an experiment or a sweep that was stopped or killed')
    .argument('<folder>', 'folder of the experiment or sweep, as `run` has made it')
    .addOption(jobsOption())
    .option('--require-target', 'end with 3 when an optimizer did not reach the target')
    .option('--json', 'print one JSON document instead of tables')
    .option('--quiet', 'print only the result')
    .addHelpText(
      'after',
      `
Runs that have ended stay as they are. The others resume from their newest
checkpoint (train.checkpoint_every); later rows are removed and computed again.
Without a checkpoint a run starts over.

Examples:
  soap-bench resume results/quickstart/20261122-143000
  soap-bench resume results/frequency-sweep/sweep --jobs 2

Ends as \`soap-bench run\` does.`,
    )
    .action(resume);
}

async function resume(folder: string, options: ResumeOptions): Promise<void> {
  const { reopenFolder } = await import('../../experiment/training-folder.js');
  const { trainAndShow } = await import('../train-and-show.js');
  await trainAndShow(reopenFolder(folder), options);
}
