import type { LoadedSweep } from '../config/load.js';
import { SoapBenchError, exitCodes } from '../errors.js';
import { sweepManifest } from '../experiment/kubernetes/sweep-manifest.js';
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
  if (render === undefined) throw notRendered();
  const { manifest, tasks } = sweepManifest(sweep, output);
  if (render === '-') {
    printDocument(manifest);
    return;
  }
  writeFileAtomic(render, manifest);
  if (!quiet)
    note(`${render}: ${plural(tasks, 'task')}; hand it over with \`kubectl apply --server-side -f ${render}\``);
}

function notRendered(): SoapBenchError {
  return new SoapBenchError('not_rendered', '--launcher kubernetes writes a manifest and hands nothing over itself', {
    exitCode: exitCodes.usage,
    hint: 'add --render FILE (or --render - for standard output), then `kubectl apply --server-side -f FILE`',
  });
}
