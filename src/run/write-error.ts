import { SoapBenchError, exitCodes } from '../errors.js';

/** What a failed write means to the user: a full disk in words, anything else as it is. */
export function writeError(path: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  return new SoapBenchError('disk_full', `${path} could not be written: there is no space left`, {
    exitCode: exitCodes.unavailable,
    hint: 'make room, then go on with `soap-bench resume` and the folder of the experiment',
    cause: error,
  });
}
