import { SoapBenchError, exitCodes } from '../errors.js';

/** The error for a prepared dataset that is not as it was written. It is never repaired silently. */
export function damaged(folder: string, what: string, cause?: unknown): SoapBenchError {
  return new SoapBenchError('dataset_damaged', `The prepared dataset ${folder} is damaged: ${what}.`, {
    exitCode: exitCodes.unavailable,
    hint: 'Prepare it again with `soap-bench data prepare <corpus> --force` and the same options, or delete the folder.',
    cause,
  });
}
