import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SoapBenchError } from '../errors.js';
import { isSystemError, systemError } from '../system-error.js';

/**
 * Makes a folder for what is not kept; the caller removes it.
 * @param purpose A part of its name.
 * @throws {SoapBenchError} When the system has no place for it.
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
 * Refuses early what would fail later, when a folder is first needed.
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
