import type { Command } from 'commander';
import type { TunedSweep } from '../experiment/tuned-sweep.js';
import { jobsOption } from './jobs-option.js';
import { firstTime } from './run.js';
import type { TrainingOutput } from './train-folder.js';

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
  const { readPlan } = await import('../experiment/folder.js');
  const { prepareRuns } = await import('../experiment/prepare-runs.js');
  const { experimentHeader } = await import('./dry-run.js');
  const { sweepHeader } = await import('./dry-run-sweep.js');
  const { trainFolder } = await import('./train-folder.js');
  const { holdFolder } = await import('../run/lock.js');
  const output = { requireTarget: requireTarget === true, json: json === true, quiet: quiet === true || json === true };
  const plan = readPlan(folder);
  if (plan.kind === 'tuned') {
    await resumeTuned(folder, plan.sweep, jobs, output);
    return;
  }
  const { runs } = plan;
  const dataOf = await prepareRuns(runs, firstTime(output));
  const header = (finished: number) =>
    plan.kind === 'sweep' ? sweepHeader(plan.name, runs.length, finished) : experimentHeader(plan.config);
  await holdFolder(folder, () => trainFolder(folder, { runs, dataOf, jobs, header }, output));
}

async function resumeTuned(folder: string, sweep: TunedSweep, jobs: number, output: TrainingOutput): Promise<void> {
  const { prepareRuns } = await import('../experiment/prepare-runs.js');
  const { planner, tasksOf } = await import('../experiment/tuned-sweep.js');
  const { trainTunedFolder } = await import('./train-tuned.js');
  const { holdFolder } = await import('../run/lock.js');
  const dataOf = await prepareRuns(tasksOf(planner(sweep)(() => undefined)), firstTime(output));
  const training = { sweep, dataOf, jobs, rerun: false, begun: () => undefined };
  await holdFolder(folder, () => trainTunedFolder(folder, training, output));
}
