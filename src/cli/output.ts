import { noteColors } from './colors.js';
import { SoapBenchError, exitCodes, messageOf } from '../errors.js';

/** Options that every command understands. */
export interface OutputOptions {
  json?: boolean;
  quiet?: boolean;
}

/** Results go to stdout: what a pipe should receive. */
export function print(text: string): void {
  process.stdout.write(text + '\n');
}

/** One JSON document on stdout. Non-finite numbers become null; use strings where infinity is a result. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** Progress, notes and warnings go to stderr, so that stdout stays clean for results. */
export function note(text: string): void {
  process.stderr.write(text + '\n');
}

export function warn(text: string): void {
  note(warningText(text));
}

/** A warning as it stands on the screen. */
export function warningText(text: string): string {
  return `${noteColors.yellow('warning:')} ${text}`;
}

/** Reports a failure in the form asked for and returns the process's exit code. */
export function reportError(error: unknown, options: OutputOptions = {}): number {
  if (error instanceof SoapBenchError) {
    if (options.json) {
      printJson({ error: { code: error.code, message: error.message, hint: error.hint ?? null } });
    } else {
      note(`${noteColors.red('error:')} ${error.message}`);
      if (error.hint !== undefined) note(`${noteColors.cyan('hint:')} ${error.hint}`);
    }
    return error.exitCode;
  }
  if (options.json) printJson({ error: { code: 'unexpected', message: messageOf(error), hint: null } });
  note(`${noteColors.red('unexpected error:')} ${messageOf(error)}`);
  if (error instanceof Error && error.stack !== undefined) note(noteColors.dim(error.stack));
  return exitCodes.unexpected;
}
