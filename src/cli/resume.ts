import type { Command } from 'commander';
import { note } from './output.js';
import { firstTime } from './run.js';

interface ResumeOptions {
  requireTarget?: boolean;
  json?: boolean;
  quiet?: boolean;
}

/** `soap-bench resume`: goes on with an experiment that was stopped or killed. */
export function registerResume(program: Command): void {
  program
    .command('resume')
    .description('go on with an experiment that was stopped or killed')
    .argument('<folder>', 'folder of the experiment, as `run` has made it')
    .option('--require-target', 'end with 3 when an optimizer did not reach the target')
    .option('--json', 'print one JSON document instead of tables')
    .option('--quiet', 'print only the result')
    .addHelpText(
      'after',
      `
Runs that have ended stay as they are. Each of the others goes on after its newest checkpoint (train.checkpoint_every):
rows behind it are cut off and computed again, the same ones. Without a checkpoint it begins again.

Examples:
  soap-bench resume results/quickstart/20261122-143000
  soap-bench resume results/quickstart/20261122-143000 --json

Ends as \`soap-bench run\` does.`,
    )
    .action(resume);
}

async function resume(folder: string, options: ResumeOptions): Promise<void> {
  const { openExperimentFolder } = await import('../experiment/run-experiment.js');
  const { experimentHeader } = await import('./dry-run.js');
  const { trainExperiment } = await import('./train-experiment.js');
  const json = options.json === true;
  const quiet = options.quiet === true || json;
  const say = quiet ? () => undefined : note;
  const { config, data } = await openExperimentFolder(folder, firstTime(say));
  say(experimentHeader(config));
  await trainExperiment(config, folder, data, { requireTarget: options.requireTarget === true, json, quiet });
}
