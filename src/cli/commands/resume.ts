import type { Command } from 'commander';
import { firstTime } from '../terminal/first-time.js';
import { jobsOption } from '../jobs-option.js';

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
Runs that have ended stay as they are. Each of the others goes on after its newest checkpoint (train.checkpoint_every):
rows behind it are cut off and computed again, the same ones. Without a checkpoint it begins again.

Examples:
  soap-bench resume results/quickstart/20261122-143000
  soap-bench resume results/frequency-sweep/sweep --jobs 2

Ends as \`soap-bench run\` does.`,
    )
    .action(resume);
}

async function resume(folder: string, { jobs, requireTarget, json, quiet }: ResumeOptions): Promise<void> {
  const { readPlan } = await import('../../experiment/folder.js');
  const { experimentHeader } = await import('../dry-run.js');
  const { conclude, stopOnSignals, trainFolder } = await import('../train-folder.js');
  const { trainPlan } = await import('../train-sweep.js');
  const { prepareRuns } = await import('../../experiment/prepare-runs.js');
  const { holdFolder } = await import('../../files/lock.js');
  const output = { requireTarget: requireTarget === true, json: json === true, quiet: quiet === true || json === true };
  const plan = readPlan(folder);
  const signal = stopOnSignals(`soap-bench resume ${folder}`, output);
  const trained = async () => {
    if (plan.kind !== 'experiment') {
      const training = { folder, jobs, rerun: false, others: [], signal, begun: () => undefined };
      return trainPlan(plan, training, output);
    }
    const { runs, config } = plan;
    const dataOf = await prepareRuns(runs, folder, firstTime(output));
    const training = { runs, dataOf, jobs, header: () => experimentHeader(config) };
    return holdFolder(folder, () => trainFolder(folder, training, signal, output));
  };
  conclude(folder, await trained(), signal, output);
}
