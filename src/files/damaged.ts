import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { SoapBenchError, exitCodes, messageOf } from '../errors.js';
import { systemError } from '../system-error.js';

/** Describes the first validation issue. */
export function issueText(error: z.ZodError): string {
  const { path, message } = error.issues[0]!;
  return `${path.join('.')}: ${message}`;
}

/** The error for a results file that is not as soap-bench wrote it. */
export function damaged(where: string, what: string, cause?: unknown): SoapBenchError {
  // A system error, such as too many open files, does not mean that the file is damaged.
  const refused = systemError(cause, where);
  if (refused !== cause && refused instanceof SoapBenchError) return refused;
  return new SoapBenchError('results_damaged', `Cannot read ${where}: ${what}`, {
    exitCode: exitCodes.unavailable,
    hint: 'The file is not as soap-bench wrote it. Run the experiment again, or repair the file by hand.',
    cause,
  });
}

/** @throws {SoapBenchError} with the system's reason if the file cannot be read. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw damaged(file, messageOf(error), error);
  }
}
