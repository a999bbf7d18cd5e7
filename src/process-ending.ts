import { readFileSync } from 'node:fs';

/** How a process ended that said nothing itself. */
export interface ProcessEnding {
  /** `was killed by SIGKILL`. */
  readonly text: string;
  /** What that usually means, and what to do. */
  readonly hint: string | undefined;
}

const lessMemory =
  'train fewer at once with --jobs, lower train.microbatch_tokens, or raise the limit (`ulimit -v`, the job’s)';

const hints: Readonly<Record<string, string>> = {
  SIGKILL: `nothing but the system or a person kills so: mostly the memory was not enough. ${lessMemory}`,
  SIGBUS:
    'a file that it uses has been cut while in use, or the disk is full: a damaged native library is unpacked anew by `soap-bench setup --force`',
  SIGSEGV: 'the native library crashed: `soap-bench doctor` tests it, `soap-bench setup --force` unpacks it anew',
  SIGILL: 'this processor does not know an instruction of the native library: `--engine wasm` does without it',
  SIGXCPU: 'its limit of processor time is reached (`ulimit -t`)',
  SIGXFSZ: 'its limit for the size of a file is reached (`ulimit -f`)',
};

const outOfMemory = /heap out of memory|bad_alloc|Cannot allocate memory|Allocation failed|allocat\w+ .* exceeds/i;

/** @param log What the process has written last. */
export function processEnding(code: number | null, killedBy: NodeJS.Signals | null, log: string): ProcessEnding {
  const text = killedBy === null ? `ended with code ${code}` : `was killed by ${killedBy}`;
  if (outOfMemory.test(log)) return { text, hint: `the memory was not enough: ${lessMemory}` };
  return { text, hint: killedBy === null ? undefined : hints[killedBy] };
}

/**
 * What a log says of the end: an error where there is one, else the last lines, indented; empty when it says nothing.
 */
export function lastWords(log: string): string {
  const lines = log.trimEnd().split('\n');
  const error = lines.findLast((line) => /^(\w+ \[\w+\]|\w*Error( \[\w+\])?): /.test(line));
  const told = error === undefined ? lines.slice(-5) : [error];
  return told.join('').trim() === '' ? '' : `\n  ${told.join('\n  ')}`;
}

/** The part of a log that begins at a byte; empty where it cannot be read. */
export function logFrom(file: string, from: number): string {
  try {
    return readFileSync(file).subarray(from).toString();
  } catch {
    return '';
  }
}
