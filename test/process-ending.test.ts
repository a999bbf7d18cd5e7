import { expect, it } from 'vitest';
import { lastWords, processEnding } from '../src/process-ending.js';

it.each([
  ['SIGKILL', /memory/],
  ['SIGBUS', /setup --force/],
  ['SIGSEGV', /setup --force/],
] as const)('a process killed by %s has a hint', (signal, hint) => {
  expect(processEnding(null, signal, '')).toEqual({
    text: `was killed by ${signal}`,
    hint: expect.stringMatching(hint) as string,
  });
});

it.each([
  ['FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory', 'SIGABRT'],
  ["terminate called after throwing an instance of 'std::bad_alloc'", 'SIGABRT'],
  ['RangeError: Array buffer allocation failed', null],
] as const)('%s is about memory', (log, signal) => {
  expect(processEnding(signal === null ? 1 : null, signal, log).hint).toMatch(/memory was not enough/);
});

it('a process that ended by itself has no hint beyond its own words', () => {
  expect(processEnding(1, null, 'Error: no')).toEqual({ text: 'ended with code 1', hint: undefined });
});

it('of a log the error is told rather than what Node.js prints behind it', () => {
  const log = [
    'node:internal/modules/cjs/loader:1228',
    '  throw err;',
    '',
    "Error: Cannot find module '/x/dist/run/worker.js'",
    '    at Module._resolveFilename (node:internal:1)',
    "  code: 'MODULE_NOT_FOUND',",
    '  requireStack: []',
    '}',
    '',
    'Node.js v20',
  ].join('\n');
  expect(lastWords(log)).toBe("\n  Error: Cannot find module '/x/dist/run/worker.js'");
  expect(lastWords('one\ntwo\n')).toBe('\n  one\n  two');
  expect(lastWords('\n')).toBe('');
});
