import { accessSync, constants, lstatSync, readlinkSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { getSystemErrorMap } from 'node:util';
import { SoapBenchError, exitCodes, type ExitCode } from './errors.js';

interface Refusal {
  /** For scripts, as `SoapBenchError.code`. */
  readonly code: string;
  readonly words: string;
  readonly hint: string;
  readonly exitCode: ExitCode;
}

const usage = (code: string, words: string, hint: string): Refusal => {
  return { code, words, hint, exitCode: exitCodes.usage };
};
const unavailable = (code: string, words: string, hint: string): Refusal => {
  return { code, words, hint, exitCode: exitCodes.unavailable };
};

const again = 'then call the command again; a training goes on with `soap-bench resume` and its folder';
const notAllowed = unavailable(
  'permission_denied',
  'you may not do that there',
  'check who owns it and what its permissions are (`ls -ld`), or name another place',
);
const inUse = unavailable('busy', 'something else is using it', `wait for it to end, ${again}`);
const processLimit = unavailable(
  'too_many_processes',
  'the limit of processes or threads is reached',
  'end others, raise the limit (`ulimit -u`), or train fewer at once with --jobs',
);

/** What the system's refusals mean, and what to do. A path that cannot be is the caller's mistake, all else the machine's state. */
const refusals: Readonly<Record<string, Refusal>> = {
  ENOENT: usage('not_found', 'there is no such file or folder', 'check the path; `ls` shows what is there'),
  ENOTDIR: usage('not_a_folder', 'a part of the path is not a folder', 'name a place below a folder'),
  EISDIR: usage('is_a_folder', 'it is a folder, not a file', 'name a file'),
  EEXIST: usage('already_exists', 'something of that name is there', 'name another one, or move that away'),
  ENOTEMPTY: usage('not_empty', 'the folder is not empty', 'name another one, or move that away'),
  ENAMETOOLONG: usage(
    'name_too_long',
    'the name is too long',
    'choose a shorter one: most systems take 255 bytes for a name and 4,096 for a path',
  ),
  ELOOP: usage('link_loop', 'its links lead in a circle', 'remove the link, or name the folder itself'),
  EINVAL: usage('not_possible', 'the file system does not take that', 'name another place'),
  EACCES: notAllowed,
  EPERM: notAllowed,
  EROFS: unavailable('read_only', 'the file system is read-only', `name a place that can be written to, ${again}`),
  ENOSPC: unavailable('disk_full', 'there is no space left', `make room, ${again}`),
  EDQUOT: unavailable('disk_full', 'your quota is used up', `make room, ${again}`),
  EFBIG: unavailable(
    'file_too_large',
    'the file would be larger than is allowed',
    'raise the limit (`ulimit -f`), or name a place on another file system',
  ),
  EMFILE: unavailable(
    'too_many_files',
    'too many files are open in this process',
    'raise the limit, for example with `ulimit -n 1024`, or train fewer at once with --jobs',
  ),
  ENFILE: unavailable(
    'too_many_files',
    'too many files are open on this machine',
    'end other programs, or have the limit raised (`sysctl fs.file-max`)',
  ),
  EBUSY: inUse,
  ETXTBSY: inUse,
  EXDEV: unavailable('other_disk', 'it lies on another disk', 'name a place on the same disk'),
  EIO: unavailable(
    'io_error',
    'the disk or the network drive reports an error',
    `look at the system's log (\`dmesg\`), ${again}`,
  ),
  ESTALE: unavailable('io_error', 'the network drive has lost it', `have it mounted anew, ${again}`),
  ENOMEM: unavailable(
    'out_of_memory',
    'there is not enough memory',
    'end other programs, train fewer at once with --jobs, or lower train.microbatch_tokens',
  ),
  EAGAIN: processLimit,
};

/** What was being done, by the system call that failed. */
const actions: readonly (readonly [RegExp, string])[] = [
  [/^(mkdir|mkdtemp|symlink)/, 'created'],
  [/^open$/, 'opened'],
  [/^(write|fsync|fdatasync|ftruncate)/, 'written'],
  [/^(read|scandir|opendir|l?stat|fstat|access|realpath)/, 'read'],
  [/^(rename|link)/, 'moved into place'],
  [/^(unlink|rm|rmdir)/, 'removed'],
  [/^(copyfile|cp)/, 'copied'],
  [/^spawn/, 'started'],
  [/^(connect|getaddrinfo)/, 'reached'],
];

/**
 * What an error of the operating system means to the user: its path, what is wrong there and what to do. Any other error
 * is returned as it is.
 * @param path What the user knows it by, where the system names something else or nothing.
 * @param action What was being done with it, where the system call does not say that.
 */
export function systemError(error: unknown, path?: string, action?: 'written'): unknown {
  if (!isSystemError(error)) return error;
  // The system has no path for it: that of the process itself is gone.
  if (error.syscall === 'uv_cwd') return noCurrentFolder(error);
  const what = path ?? error.path ?? error.dest;
  const code = codeOf(error, what, action);
  const refusal = refusals[code] ?? other(error);
  const place = what ?? nameOf(error);
  const words = (what === undefined ? undefined : wordsFor(code, what)) ?? refusal.words;
  return new SoapBenchError(refusal.code, `${place} cannot be ${action ?? actionOf(error)}: ${words}`, {
    exitCode: refusal.exitCode,
    hint: refusal.hint,
    cause: error,
  });
}

/** What the system meant, where it says something else. */
function codeOf({ code, syscall }: SystemError, path: string | undefined, action: string | undefined): string {
  // The code for a file that is to take the place of a folder depends on the file system.
  if (syscall === 'rename' && action === 'written' && isFolder(path)) return 'EISDIR';
  // Making a folder with those above it, Node.js says ENOENT of a read-only file system.
  if (syscall === 'mkdir' && code === 'ENOENT' && path !== undefined) return refusalToWrite(nearestOf(path)) ?? code;
  return code;
}

/** The same for something that was being written under another name, or through a number. */
export function writeError(path: string, error: unknown): unknown {
  return systemError(error, path, 'written');
}

interface SystemError extends Error {
  readonly code: string;
  readonly syscall: string;
  readonly errno?: number;
  readonly path?: string;
  readonly dest?: string;
  readonly hostname?: string;
}

/** Whether the operating system refused something; Node's own errors have codes that begin with `ERR_`. */
export function isSystemError(error: unknown): error is SystemError {
  if (!(error instanceof Error)) return false;
  const { code, syscall } = error as Partial<SystemError>;
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) && typeof syscall === 'string';
}

function actionOf({ syscall }: SystemError): string {
  return actions.find(([calls]) => calls.test(syscall))?.[1] ?? `used (${syscall})`;
}

function nameOf({ hostname, syscall }: SystemError): string {
  return hostname ?? (syscall === 'write' ? 'a file' : 'something');
}

/** What the system calls it, for a refusal that is not in the table. */
function other({ code, errno }: SystemError): Refusal {
  const [, words] = getSystemErrorMap().get(errno ?? 0) ?? [code, 'the system refused'];
  return unavailable('system_refused', `${words} (${code})`, 'look at the system: its log may say more');
}

/** Which part of a path it is, where that is not the whole; undefined when there is nothing to add. */
function wordsFor(code: string, path: string): string | undefined {
  if (!['ENOENT', 'ENOTDIR', 'EEXIST'].includes(code)) return undefined;
  for (const part of partsOf(path)) {
    const link = linkTarget(part);
    const stat = statOf(part);
    if (stat === undefined && link !== undefined) return `${part} is a link to ${link}, which does not exist`;
    if (stat === undefined) return part === path ? undefined : `the folder ${part} does not exist`;
    if (!stat.isDirectory() && (part !== path || code !== 'ENOENT')) return `${part} is a file, not a folder`;
  }
  return undefined;
}

/** The part of a path that is there. */
function nearestOf(path: string): string {
  return partsOf(path).findLast((part) => statOf(part) !== undefined) ?? '.';
}

function refusalToWrite(path: string): string | undefined {
  try {
    accessSync(path, constants.W_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

/** `a`, `a/b`, `a/b/c` of `a/b/c`. */
function partsOf(path: string): string[] {
  const above = dirname(path);
  return above === path || above === '.' ? [path] : [...partsOf(above), path];
}

function linkTarget(path: string): string | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined;
  } catch {
    return undefined;
  }
}

function isFolder(path: string | undefined): boolean {
  return path !== undefined && statOf(path)?.isDirectory() === true;
}

function statOf(path: string) {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

function noCurrentFolder(cause: Error): SoapBenchError {
  return new SoapBenchError('no_current_folder', 'the current folder has been removed', {
    exitCode: exitCodes.usage,
    hint: 'go to a folder that is there, for example with `cd`',
    cause,
  });
}

/**
 * What it means that a file of soap-bench itself, or of a package that it needs, is not found. Any other error is returned
 * as it is.
 */
export function missingPart(error: unknown): unknown {
  const { code } = error as { code?: unknown };
  if (!(error instanceof Error) || (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND')) return error;
  return new SoapBenchError(
    'installation_incomplete',
    `a part of soap-bench is missing: ${error.message.split('\n')[0]}`,
    {
      exitCode: exitCodes.unavailable,
      hint: 'it was changed or removed meanwhile: install it again (in a clone `npm ci`), then call the command again',
      cause: error,
    },
  );
}
