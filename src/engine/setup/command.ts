import { spawn } from 'node:child_process';
import { isatty } from 'node:tty';
import { messageOf } from '../../errors.js';
import { withinTime } from './within-time.js';

export interface CommandOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  signal?: AbortSignal | undefined;
  timeoutMs?: number;
  /** Also returns stderr, after stdout. */
  andStderr?: boolean;
  /** Lets the command draw its own progress bar if the user has a terminal. */
  showOutput?: boolean;
}

/**
 * Runs a command and returns its stdout.
 * @throws {Error} with the line of its output that says why it failed.
 */
export function runCommand(command: string, args: string[], options: CommandOptions = {}): Promise<string> {
  return withinTime(options, (signal) => start(command, args, options, signal));
}

function start(command: string, args: string[], options: CommandOptions, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      // The terminal is reached through stderr, because stdout is for results.
      stdio: ['ignore', options.showOutput === true && isatty(2) ? 2 : 'pipe', 'pipe'],
      signal,
    });
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') reject(new Error(`${command} is not installed`));
      else if (signal.aborted) reject(new Error(`${command} was stopped: it took too long`));
      else reject(new Error(`${command}: ${messageOf(error)}`));
    });
    child.on('close', (code, endedBy) => {
      if (code === 0) resolve(options.andStderr === true ? `${stdout}\n${stderr}` : stdout);
      else reject(new Error(failureLine(stderr + '\n' + stdout) ?? `${command} ended with ${endedBy ?? code ?? '?'}`));
    });
  });
}

/** Finds the line of a failed command's output that names the cause, which is often far before the last line. */
export function failureLine(output: string): string | undefined {
  const lines = output.split('\n').map((line) => line.trim());
  const cause =
    lines.find((line) => /fatal error:|\berror: |ERR! stack \w*Error:|^ERROR: |^\w*Error: /.test(line)) ??
    lines.findLast((line) => line !== '');
  return cause?.replace(/^(gyp|node-pre-gyp) ERR! stack /, '').slice(0, 300);
}
