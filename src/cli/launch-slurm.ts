import type { LoadedSweep } from '../config/load.js';
import { launchOnSlurm, slurmScripts, type Launched } from '../experiment/slurm/launch.js';
import { countText, plural } from '../format.js';
import { print, printDocument, printJson } from './terminal/output.js';
import { trainingScreen } from './terminal/training-screen.js';

export interface LaunchOptions {
  /** The folder asked for. */
  readonly output: string | undefined;
  readonly rerun: boolean;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** `run --launcher slurm`: says what was handed over to Slurm, or with `--dry-run` what would be. */
export async function launchSlurm(
  sweep: LoadedSweep,
  { output, rerun, dryRun, json, quiet }: LaunchOptions,
): Promise<void> {
  const options = { output, rerun, observer: trainingScreen({ quiet }) };
  if (dryRun) {
    const planned = await slurmScripts(sweep, options);
    if (json) printJson(planned);
    else printDocument(planned.scripts.join('\n'));
    return;
  }
  const launched = await launchOnSlurm(sweep, options);
  if (json) printJson(launched);
  else print(launchedText(sweep.config.name, launched));
}

function launchedText(name: string, { folder, tasks, finished, queued, jobs }: Launched): string {
  const parts = [
    plural(tasks, 'task'),
    ...(finished > 0 ? [`${countText(finished)} finished before`] : []),
    ...(queued > 0 ? [`${countText(queued)} in the queue already`] : []),
  ];
  const lines = jobs.map(({ id, tasks: ids }) => `Slurm job ${id}: ${countText(ids.length)} to train`);
  const rest = lines.length > 0 ? lines : ['nothing to submit'];
  return [`${name}: ${parts.join(', ')}`, ...rest, `follow it with \`soap-bench status ${folder}\``].join('\n');
}
