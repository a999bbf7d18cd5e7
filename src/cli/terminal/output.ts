import { noteColors } from './colors.js';
import { SoapBenchError, exitCodes, messageOf } from '../../errors.js';
import { missingPart, systemError, writeError } from '../../system-error.js';
import { terminalText } from '../../terminal.js';

/** Options that every command understands. */
export interface OutputOptions {
  json?: boolean;
  quiet?: boolean;
}

/** Help and mistakes in the command line, as commander words them; a mistake repeats what was typed. */
export const commanderOutput = {
  writeOut: (text: string) => {
    write(process.stdout, terminalText(text));
  },
  writeErr: (text: string) => {
    write(process.stderr, terminalText(text));
  },
};

/** Results go to stdout: what a pipe should receive. */
export function print(text: string): void {
  commanderOutput.writeOut(`${text}\n`);
}

/** A document that programs read, with the line break at its end: byte for byte, but for a terminal. */
export function printDocument(text: string): void {
  write(process.stdout, process.stdout.isTTY ? terminalText(text) : text);
}

/** Characters in a line of results. A pipe has no width, and a terminal may not know its own. */
export function lineWidth(): number {
  return process.stdout.isTTY && process.stdout.columns > 0 ? process.stdout.columns : 100;
}

/** One JSON document on stdout. Non-finite numbers become null; use strings where infinity is a result. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** Progress, notes and warnings go to stderr, so that stdout stays clean for results. */
export function note(text: string): void {
  commanderOutput.writeErr(`${text}\n`);
}

/** A warning, and below it what can be done about it. */
export function warn(text: string, hint?: string): void {
  note(warningText(text));
  if (hint !== undefined) note(`  ${hint}`);
}

/** A warning as it stands on the screen. */
export function warningText(text: string): string {
  return `${noteColors.yellow('warning:')} ${text}`;
}

/** Streams that have failed: nobody reads them any more, and every further word would fail again. */
const closed = new Set<NodeJS.WriteStream>();

/**
 * Makes this process outlive its readers: a pipe that is closed or a terminal that is gone takes no more, and what goes on
 * goes on without. Anything else that keeps results from being written is a failure.
 */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      giveUp(stream, error);
    });
  }
}

function write(stream: NodeJS.WriteStream, text: string): void {
  if (closed.has(stream)) return;
  try {
    stream.write(text);
  } catch (error) {
    // Files are written at once, pipes and terminals a moment later.
    giveUp(stream, error as NodeJS.ErrnoException);
  }
}

function giveUp(stream: NodeJS.WriteStream, error: NodeJS.ErrnoException): void {
  if (closed.has(stream)) return;
  closed.add(stream);
  const isGone = ['EPIPE', 'EIO', 'ENXIO', 'ERR_STREAM_DESTROYED'].includes(error.code ?? '');
  if (isGone || stream === process.stderr) return;
  process.exitCode = reportError(writeError('the result on standard output', error));
  // What a command says at its end does not make it a success.
  process.on('exit', () => (process.exitCode = exitCodes.unavailable));
}

/** Reports a failure in the form asked for and returns the process's exit code. */
export function reportError(thrown: unknown, options: OutputOptions = {}): number {
  const error = missingPart(systemError(thrown));
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
