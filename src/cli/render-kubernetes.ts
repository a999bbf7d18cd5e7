import type { LoadedSweep } from '../config/load.js';
import { SoapBenchError, exitCodes } from '../errors.js';
import { sweepFolder, tasksJson } from '../experiment/folder.js';
import { indexedJobYaml } from '../experiment/kubernetes/indexed-job.js';
import { planExperiment } from '../experiment/plan.js';
import { writeFileAtomic } from '../files/atomic-file.js';
import { note, printDocument } from './terminal/output.js';
import { plural } from '../format.js';

export interface RenderOptions {
  /** The folder asked for, on the volume. */
  readonly output: string | undefined;
  /** Where the manifest goes; `-` for standard output. */
  readonly render: string | undefined;
  readonly quiet: boolean;
}

/** `run --launcher kubernetes --render FILE`: writes the manifest of an Indexed Job, and applies nothing. */
export function renderKubernetes(sweep: LoadedSweep, { output, render, quiet }: RenderOptions): void {
  const { config, launchers } = sweep;
  if (render === undefined) throw notRendered();
  if (launchers.kubernetes === undefined) throw notAsked();
  const tasks = planExperiment(sweep).fixed;
  const folder = sweepFolder(config, output);
  const { name, baseline } = config;
  const plan = { name, tasksJson: tasksJson({ name, baseline, tasks, tunings: [] }), count: tasks.length, folder };
  const manifest = indexedJobYaml(plan, launchers.kubernetes);
  if (render === '-') {
    printDocument(manifest);
    return;
  }
  writeFileAtomic(render, manifest);
  if (!quiet)
    note(`${render}: ${plural(tasks.length, 'task')}; hand it over with \`kubectl apply --server-side -f ${render}\``);
}

function notRendered(): SoapBenchError {
  return new SoapBenchError('not_rendered', '--launcher kubernetes writes a manifest and hands nothing over itself', {
    exitCode: exitCodes.usage,
    hint: 'add --render FILE (or --render - for standard output), then `kubectl apply --server-side -f FILE`',
  });
}

function notAsked(): SoapBenchError {
  return new SoapBenchError('kubernetes_missing', 'the configuration does not say which image and claim to use', {
    exitCode: exitCodes.usage,
    hint: 'add kubernetes.image=… and kubernetes.claim=…, or a block `kubernetes` to the file',
  });
}
