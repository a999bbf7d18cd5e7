import type { LoadedSweep } from '../../config/load.js';
import { SoapBenchError, exitCodes } from '../../errors.js';
import { sweepFolder, tasksJson } from '../folder.js';
import { planExperiment } from '../plan.js';
import { indexedJobYaml } from './indexed-job.js';

/**
 * The manifest of an Indexed Job that trains a sweep.
 * @param output The folder asked for, on the volume; undefined for `results/<experiment>/sweep`.
 * @throws {SoapBenchError} `kubernetes_missing` when the configuration names no image or claim.
 */
export function sweepManifest(sweep: LoadedSweep, output: string | undefined): { manifest: string; tasks: number } {
  const { config, launchers } = sweep;
  if (launchers.kubernetes === undefined) throw notAsked();
  const tasks = planExperiment(sweep).fixed;
  const { name, baseline } = config;
  const plan = {
    name,
    tasksJson: tasksJson({ name, baseline, tasks, tunings: [] }),
    count: tasks.length,
    folder: sweepFolder(config, output),
  };
  return { manifest: indexedJobYaml(plan, launchers.kubernetes), tasks: tasks.length };
}

function notAsked(): SoapBenchError {
  return new SoapBenchError('kubernetes_missing', 'the configuration does not say which image and claim to use', {
    exitCode: exitCodes.usage,
    hint: 'add kubernetes.image=… and kubernetes.claim=…, or a block `kubernetes` to the file',
  });
}
