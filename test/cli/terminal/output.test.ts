import { Command } from 'commander';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  commanderOutput,
  lineWidth,
  note,
  print,
  printDocument,
  printJson,
  reportError,
  warn,
} from '../../../src/cli/terminal/output.js';
import { BarDisplay } from '../../../src/cli/terminal/progress-bars.js';
import { SoapBenchError } from '../../../src/errors.js';

const nasty = 'a\u001b[2Jb\u009b\u202ec\u0007';
const shown = 'a\\u001b[2Jb\\u009b\\u202ec\\u0007';
const signs = ['\u001b[2J', '\u009b', '\u202e', '\u0007'];

afterEach(() => {
  vi.restoreAllMocks();
  process.stdout.isTTY = false;
  process.stderr.isTTY = false;
});

/** What an action writes, to either stream. */
function written(action: () => unknown): string {
  let text = '';
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((part) => {
      text += String(part);
      return true;
    });
  }
  action();
  return text;
}

function mistyped() {
  const program = new Command('soap-bench').configureOutput(commanderOutput).exitOverride();
  program.command('list');
  expect(() => program.parse(['list', `--${nasty}`], { from: 'user' })).toThrow();
}

/** Bars on a terminal, which do not write as all else does. */
function bars() {
  process.stderr.isTTY = true;
  const display = new BarDisplay([{ label: 'soap', steps: 2, batchTokens: 1 }], { rows: 24, columns: 80 });
  display.say(nasty);
  display.close();
}

describe('a text that a terminal would obey', () => {
  it.each<[what: string, action: () => unknown]>([
    [
      'a result',
      () => {
        print(nasty);
      },
    ],
    [
      'a note',
      () => {
        note(nasty);
      },
    ],
    [
      'a warning',
      () => {
        warn(nasty);
      },
    ],
    ['an error', () => reportError(new SoapBenchError('code', nasty, { hint: nasty }))],
    ['an error that nobody foresaw', () => reportError(new Error(nasty))],
    ['an error in JSON', () => reportError(new SoapBenchError('code', nasty), { json: true })],
    ['a line above bars', bars],
    ['a word that commander repeats', mistyped],
  ])('is shown as %s', (_, action) => {
    const text = written(action);
    expect(text).toContain(shown);
    for (const sign of signs) expect(text).not.toContain(sign);
  });

  it('is the same text in JSON', () => {
    const text = written(() => {
      printJson({ [nasty]: nasty });
    });
    for (const sign of signs) expect(text).not.toContain(sign);
    expect(JSON.parse(text)).toEqual({ [nasty]: nasty });
  });

  it.each([
    [false, nasty],
    [true, shown],
  ])('is as it is in a document, but for a terminal: %s', (isTTY, expected) => {
    process.stdout.isTTY = isTTY;
    expect(
      written(() => {
        printDocument(`${nasty}\n`);
      }),
    ).toBe(`${expected}\n`);
  });
});

it.each([
  [false, 0, 100],
  [true, 0, 100],
  [true, 64, 64],
])('a line of results has room: on a terminal %s of %i columns %i characters', (isTTY, columns, expected) => {
  Object.assign(process.stdout, { isTTY, columns });
  expect(lineWidth()).toBe(expected);
});
