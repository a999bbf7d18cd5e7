/** Exit codes of the command line; a script can rely on them. */
export const exitCodes = {
  done: 0,
  unexpected: 1,
  usage: 2,
  targetNotReached: 3,
  diverged: 4,
  runsFailed: 5,
  unavailable: 6,
  interruptedResumable: 75,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export interface ErrorDetails {
  /** What kind of process exit this failure stands for. */
  exitCode?: ExitCode;
  /** What the reader can do next, one line. */
  hint?: string;
  cause?: unknown;
}

/**
 * A failure that the user can understand and act on: shown as its message and hint, never as a stack trace.
 * `code` names the kind of failure for scripts (`--json` prints it), e.g. `config_invalid`.
 */
export class SoapBenchError extends Error {
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly hint: string | undefined;

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = 'SoapBenchError';
    this.code = code;
    this.exitCode = details.exitCode ?? exitCodes.unexpected;
    this.hint = details.hint;
  }
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
