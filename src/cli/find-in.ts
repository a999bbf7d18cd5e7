import { SoapBenchError, exitCodes } from '../errors.js';
import { findExperiments, type FoundExperiment } from '../results/find.js';
import { isFolder } from '../files/folders.js';
import { warn } from './terminal/output.js';

/**
 * Everything in and below a folder of results.
 * @throws {SoapBenchError} `folder_unknown` (exit code 2).
 */
export function findIn(folder: string): FoundExperiment[] {
  if (isFolder(folder)) return findExperiments(folder, warnPassedOver);
  throw new SoapBenchError('folder_unknown', `${folder} does not exist, or is not a folder`, {
    exitCode: exitCodes.usage,
    hint: 'name the folder that holds results; `soap-bench run` makes results/ in the current one',
  });
}

/** Says that results may be missing. */
export function warnPassedOver(folder: string): void {
  warn(`${folder} may not be read, and is left out`);
}
