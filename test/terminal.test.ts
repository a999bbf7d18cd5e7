import { describe, expect, it } from 'vitest';
import { canRedraw, createColors, terminalText } from '../src/terminal.js';

it.each([
  [true, { isTTY: true }, { TERM: 'xterm' }],
  [true, { isTTY: true }, { TERM: 'xterm', CI: '', NO_COLOR: '1' }],
  [false, { isTTY: true }, { TERM: 'dumb' }],
  [false, { isTTY: true }, { TERM: 'xterm', CI: 'true' }],
  [false, {}, { TERM: 'xterm' }],
])('lines are drawn over: %s for %o with %o', (expected, stream, env) => {
  expect(canRedraw(stream, env)).toBe(expected);
});

describe('a text on a terminal', () => {
  it.each([
    ['a title', '\u001b]0;owned\u0007', '\\u001b]0;owned\\u0007'],
    ['a colour that is not ours', '\u001b[31mred\u001b[0m', '\\u001b[31mred\\u001b[0m'],
    ['C1', '\u009b2Jx\u0085', '\\u009b2Jx\\u0085'],
    ['what overwrites a line', 'error\rfine\b\u007f', 'error\\u000dfine\\u0008\\u007f'],
    ['the direction of writing', 'a\u202etxt.exe\u2066\u200f', 'a\\u202etxt.exe\\u2066\\u200f'],
    ['separators of lines', 'a\u2028b\u2029', 'a\\u2028b\\u2029'],
    ['lines and tabs, which are ours too', 'a\n\tb', 'a\n\tb'],
    ['what people write', 'größe 模型 😀 ×±−…', 'größe 模型 😀 ×±−…'],
  ])('%s', (_, text, shown) => {
    expect(terminalText(text)).toBe(shown);
  });

  it('has our own colours, and those of nobody else within them', () => {
    const { bold, dim, red } = createColors(true);
    expect(terminalText(red('a\u001b[32mb'))).toBe('\u001b[31ma\\u001b[32mb\u001b[39m');
    expect(terminalText(bold(`a${red('b')}`))).toBe('\u001b[1ma\u001b[31mb\u001b[39m\u001b[22m');
    expect(dim('a')).not.toContain('\u001b');
    expect(createColors(false).dim('a')).toBe('a');
  });
});
