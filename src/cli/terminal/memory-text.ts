import { largestRun, memoryHere } from '../../experiment/least-memory.js';
import type { PlannedRun } from '../../experiment/planned-run.js';
import { bytesText } from '../../format.js';

/** `at least 9.3 MB a run`, and where that is too much for this machine: `at least 1.2 TB for soap, more than the 25.2 GB here`. */
export function memoryText(runs: readonly PlannedRun[]): string {
  const { run, bytes } = largestRun(runs);
  const here = memoryHere();
  return bytes <= here
    ? `at least ${bytesText(bytes)} a run`
    : `at least ${bytesText(bytes)} for ${run.label}, more than the ${bytesText(here)} here`;
}
