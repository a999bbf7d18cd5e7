import { mkdirSync, mkdtempSync, readFileSync, rmSync, rmdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SoapBenchError } from '../src/errors.js';
import { writeFileAtomic } from '../src/files/atomic-file.js';
import { damaged } from '../src/files/damaged.js';
import { missingPart, systemError, writeError } from '../src/system-error.js';
import { temporaryFolder } from '../src/files/temporary-folder.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'soap-bench-refused-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

/** As the system throws it. */
function refusal(code: string, more: object = {}): Error {
  return Object.assign(new Error(`${code}: words, open`), { code, syscall: 'open', errno: -1, ...more });
}

describe('what the system refuses', () => {
  it('is told with its path, what is wrong there, and a next step', () => {
    const inFolder = (name: string) => join(folder, name);
    writeFileSync(inFolder('file'), '');
    mkdirSync(inFolder('full'));
    writeFileSync(inFolder('full/one'), '');
    symlinkSync('/nowhere/at/all', inFolder('dangling'));
    symlinkSync(inFolder('loop'), inFolder('loop'));
    const long = 'a'.repeat(300);
    const cases: [() => unknown, code: string, exit: number, text: string][] = [
      [() => readFileSync(inFolder('none')), 'not_found', 2, `none cannot be opened: there is no such file or folder`],
      [() => readFileSync(inFolder('no/file')), 'not_found', 2, `the folder ${inFolder('no')} does not exist`],
      [
        () => readFileSync(inFolder('dangling')),
        'not_found',
        2,
        `${inFolder('dangling')} is a link to /nowhere/at/all`,
      ],
      [
        () => {
          mkdirSync(inFolder('dangling/x'));
        },
        'not_found',
        2,
        `cannot be created: ${inFolder('dangling')} is a link to`,
      ],
      [
        () => {
          mkdirSync(inFolder('file/x'));
        },
        'not_a_folder',
        2,
        `${inFolder('file')} is a file, not a folder`,
      ],
      [
        () => {
          mkdirSync(inFolder('full'));
        },
        'already_exists',
        2,
        'something of that name is there',
      ],
      [() => readFileSync(folder), 'is_a_folder', 2, 'it is a folder, not a file'],
      [() => readFileSync(inFolder('loop')), 'link_loop', 2, 'links lead in a circle'],
      [
        () => {
          rmdirSync(inFolder('full'));
        },
        'not_empty',
        2,
        `${inFolder('full')} cannot be removed: the folder is not empty`,
      ],
      [
        () => {
          mkdirSync(inFolder(long));
        },
        'name_too_long',
        2,
        `${long} cannot be created: the name is too long`,
      ],
    ];
    for (const [action, code, exitCode, text] of cases) {
      const error = systemError(thrownBy(action)) as SoapBenchError;
      expect(error, text).toBeInstanceOf(SoapBenchError);
      expect([error.code, error.exitCode, error.message]).toEqual([code, exitCode, expect.stringContaining(text)]);
      expect(error.hint).not.toBe('');
    }
  });

  it.each([
    ['EACCES', 'permission_denied'],
    ['EPERM', 'permission_denied'],
    ['EROFS', 'read_only'],
    ['ENOSPC', 'disk_full'],
    ['EDQUOT', 'disk_full'],
    ['EFBIG', 'file_too_large'],
    ['EMFILE', 'too_many_files'],
    ['ENFILE', 'too_many_files'],
    ['EBUSY', 'busy'],
    ['ETXTBSY', 'busy'],
    ['EXDEV', 'other_disk'],
    ['EIO', 'io_error'],
    ['ESTALE', 'io_error'],
    ['ENOMEM', 'out_of_memory'],
    ['EAGAIN', 'too_many_processes'],
    ['ENOLCK', 'system_refused'],
  ])('%s is the state of the machine', (code, name) => {
    const error = writeError('results/x', refusal(code)) as SoapBenchError;
    expect([error.code, error.exitCode]).toEqual([name, 6]);
    expect(error.message).toMatch(/^results\/x cannot be written: ./);
    expect(error.message).not.toContain('\n');
    expect(error.hint).toMatch(/./);
  });

  it('is told also without a path, or of a program or a host', () => {
    const message = (error: Error) => (systemError(error) as Error).message;
    expect(message(refusal('ENOSPC', { syscall: 'write' }))).toBe('a file cannot be written: there is no space left');
    expect(message(refusal('EAGAIN', { syscall: 'spawn node', path: 'node' }))).toMatch(
      /^node cannot be started: the limit/,
    );
    expect(message(refusal('ENOTFOUND', { syscall: 'getaddrinfo', hostname: 'a.example' }))).toMatch(
      /^a\.example cannot be reached: /,
    );
    expect(message(refusal('ENOENT', { syscall: 'uv_cwd' }))).toBe('the current folder has been removed');
  });

  it('leaves alone what is no refusal of the system', () => {
    const own = new SoapBenchError('config_invalid', 'no');
    const errors = [own, new TypeError('x'), Object.assign(new Error('x'), { code: 'ERR_INVALID_ARG_TYPE' }), 'word'];
    for (const error of errors) expect(systemError(error)).toBe(error);
  });

  it('is not taken for damage of the file that could not be read', () => {
    expect(damaged('a/config.yaml', 'EMFILE', refusal('EMFILE')).code).toBe('too_many_files');
    expect(damaged('a/config.yaml', 'not YAML', new Error('not YAML')).code).toBe('results_damaged');
  });
});

it('a file does not take the place of a folder', () => {
  mkdirSync(join(folder, 'sub'));
  const error = thrownBy(() => {
    writeFileAtomic(join(folder, 'sub'), 'text');
  });
  expect(error).toMatchObject({ code: 'is_a_folder' });
  expect(String(error)).toContain('it is a folder, not a file');
});

it('without a place for temporary files the variable to set is named', () => {
  const before = process.env.TMPDIR;
  process.env.TMPDIR = join(folder, 'gone');
  const error = thrownBy(() => temporaryFolder('test'));
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
  const { message, hint, exitCode } = error as SoapBenchError;
  expect(message).toContain(join(folder, 'gone'));
  expect([hint, exitCode]).toEqual(['set TMPDIR to a folder that is there and has room', 2]);
});

it.each(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'])(
  'a part of soap-bench that is gone is told as that: %s',
  (code) => {
    const error = missingPart(Object.assign(new Error("Cannot find module '/x/gone.js'\nRequire stack:"), { code }));
    expect(error).toMatchObject({
      code: 'installation_incomplete',
      exitCode: 6,
      message: "a part of soap-bench is missing: Cannot find module '/x/gone.js'",
    });
  },
);
