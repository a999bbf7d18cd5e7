import type { Command } from 'commander';
import { wholeNumber } from '../options.js';
import { SoapBenchError, exitCodes } from '../../errors.js';
import { stopOnSignals } from '../stop-signals.js';
import { note, warn } from '../terminal/output.js';

interface TaskOptions {
  tasks?: string;
}

/** `soap-bench task`: what the jobs of a cluster do. */
export function registerTask(program: Command): void {
  program
    .command('task')
    .description('train one task of a sweep: what the jobs of a cluster do')
    .argument('<folder>', 'the sweep’s folder')
    .argument('<number>', 'the task’s place in tasks.json, from 0', wholeNumber({ least: 0 }))
    .option('--tasks <folder>', 'where tasks.json is, when not in the sweep’s folder')
    .addHelpText(
      'after',
      `
A task that has started resumes from its newest checkpoint. SIGTERM, SIGINT,
SIGHUP and SIGUSR1 end it with a checkpoint; in an array job of Slurm, SIGUSR1
also puts it back into the queue.

Example:
  soap-bench task results/frequency-sweep/sweep 3

Ends with 0 when the task came to its end, 4 when it diverged, 5 when it failed,
6 without an engine, 75 when it was stopped.`,
    )
    .action(trainOne);
}

async function trainOne(folder: string, number: number, { tasks = folder }: TaskOptions): Promise<void> {
  // Slurm may ask for the machine at any time, also more than once.
  const signal = stopOnSignals({ patient: true });
  const { openTask } = await import('../../experiment/cluster-task.js');
  const { trainTask } = await import('../../experiment/train-runs.js');
  const { exitCodeOf } = await import('../exit-code.js');
  const { trainingScreen } = await import('../terminal/training-screen.js');
  const { task, otherCode, steps } = openTask(folder, tasks, number);
  note(`${task.label} (${task.id})`);
  if (otherCode !== undefined) warn(otherCode);
  const before = steps();
  const observer = trainingScreen({ quiet: false });
  const outcome = await trainTask(task, { folder, observer, signal });
  if (outcome.kind === 'error') warn(`failed: ${outcome.message}`);
  process.exitCode = exitCodeOf([outcome]);
  if (process.exitCode === exitCodes.interruptedResumable && signal.reason === 'SIGUSR1') {
    await queueAgain(steps() - before);
  }
}

/** Only the end of its time is a reason: who cancels a task does not want it back, and who preempts it puts it back. */
async function queueAgain(steps: number): Promise<void> {
  const { slurmElement } = await import('../../files/slurm-element.js');
  const { requeue } = await import('../../experiment/slurm/commands.js');
  const element = slurmElement();
  if (element === undefined) return;
  if (steps === 0) {
    throw new SoapBenchError('no_progress', 'the time of a job is not enough for a single step', {
      exitCode: exitCodes.runsFailed,
      hint: 'ask for more: slurm.timeout_min, or a smaller slurm.signal_delay_s',
    });
  }
  note(`its time is nearly over: ${element} goes back into the queue`);
  await requeue(element);
}
