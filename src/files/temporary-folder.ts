import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SoapBenchError } from '../errors.js';
import { isSystemError, systemError } from '../system-error.js';

/**
 * Creates a temporary folder. The caller removes it.
 * @param purpose Part of the folder's name.
 * @throws {SoapBenchError} If the system refuses to create it.
 */
export function temporaryFolder(purpose: string): string {
  const place = tmpdir();
  try {
    return mkdtempSync(join(place, `soap-bench-${purpose}-`));
  } catch (error) {
    throw isSystemError(error) ? noPlace(place, error) : error;
  }
}

/**
 * Checks early that temporary folders can be created.
 * @throws {SoapBenchError} As {@link temporaryFolder}.
 */
export function assertTemporaryFolder(): void {
  rmdirSync(temporaryFolder('test'));
}

function noPlace(place: string, cause: Error): SoapBenchError {
  const { code, exitCode, message } = systemError(cause, place, 'written') as SoapBenchError;
  return new SoapBenchError(code, `no temporary folder: ${message}`, {
    exitCode,
    hint: 'set TMPDIR to a folder that is there and has room',
    cause,
  });
}
