import { expect, it } from 'vitest';
import { canRedraw } from '../src/terminal.js';

it.each([
  [true, { isTTY: true }, { TERM: 'xterm' }],
  [true, { isTTY: true }, { TERM: 'xterm', CI: '', NO_COLOR: '1' }],
  [false, { isTTY: true }, { TERM: 'dumb' }],
  [false, { isTTY: true }, { TERM: 'xterm', CI: 'true' }],
  [false, {}, { TERM: 'xterm' }],
])('lines are drawn over: %s for %o with %o', (expected, stream, env) => {
  expect(canRedraw(stream, env)).toBe(expected);
});
