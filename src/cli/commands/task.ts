import type { Command } from 'commander';
import { wholeNumber } from '../options.js';
import { stopOnSignals } from '../stop-signals.js';

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
  const { trainClusterTask } = await import('../../experiment/train-cluster-task.js');
  const { exitCodeOf } = await import('../exit-code.js');
  const { trainingScreen } = await import('../terminal/training-screen.js');
  const observer = trainingScreen({ quiet: false });
  const outcome = await trainClusterTask(folder, number, { tasks, signal, observer });
  process.exitCode = exitCodeOf([outcome]);
}
