import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toPlain } from '../../src/config/tree.js';
import { readValue } from '../../src/config/word-value.js';

const read = (text: string) => toPlain(readValue(text, { where: 'command line' }));

describe('the value of a word', () => {
  it.each([
    ...['c/texts #2', '#2', 'a: b', 'key: ', ' texts ', '&a', '*a', '!a', '!!int 5', '%a', '@a', '`a', '| a', '> a'],
    ...[
      '- a',
      '-',
      '--',
      '---',
      '...',
      '? a',
      'a=b',
      'C:\\texts\\new',
      '\\\\server\\share',
      '日本語',
      'é',
      '🙂',
      'yes',
      'on',
    ],
    ...[
      'it’s',
      "it's",
      '"a" b',
      "'a' b",
      '"a',
      "'tis",
      'a"b"',
      '<<',
      '1:30',
      '2024-01-01',
      '1_000',
      '1.2.3',
      'a{b}',
      'a[0]',
    ],
    ...[
      '[draft] notes.txt',
      '{a}.txt',
      '[a][b]',
      'a\tb',
      'a\nb',
      'line\\n',
      '$HOME',
      '~/texts',
      ']',
      '}',
      'a]',
      ':',
      '::',
    ],
  ])('%j is the text as it was typed', (text) => {
    expect(read(text)).toBe(text);
  });

  it.each([
    ['1e-3', 0.001],
    [' 20 ', 20],
    ['0x1F', 31],
    ['.5', 0.5],
    ['-.inf', -Infinity],
    ['true', true],
    ['False', false],
    ['null', null],
    ['~', null],
    ['[]', []],
    ['{}', {}],
    ['[0.9, 0.99]', [0.9, 0.99]],
    ['[a,]', ['a']],
    ['1,2', [1, 2]],
    ['0,', [0]],
    ['a #1, b: 2', ['a #1', 'b: 2']],
    ['[a #1, b: 2]', ['a #1', 'b: 2']],
    ["it's, that's", ["it's", "that's"]],
    ['[1,2],[3,4]', [[1, 2], [3, 4]]], // prettier-ignore
    ['a[1,2]', 'a[1,2]'],
    ['"1"', '1'],
    ["'null'", 'null'],
    ['"a,b"', 'a,b'],
    ['"a,b",c', ['a,b', 'c']],
    ['["a,b", \'c]\']', ['a,b', 'c]']],
    ['"C:\\texts"', 'C:\\texts'],
    ['"C:\\\\"', 'C:\\'],
    ['"say \\"a\\""', 'say "a"'],
    ["'it\\'s'", "it's"],
    ['{lr: 1e-3, name: a #1}', { lr: 0.001, name: 'a #1' }],
    ['{lr:1e-3}', { lr: 0.001 }],
    ['{"lr": [1, 2], \'a: b\': {c: }}', { lr: [1, 2], 'a: b': { c: null } }],
    ['{adamw, soap}', { adamw: null, soap: null }],
    ['{at: C:\\a}', { at: 'C:\\a' }],
  ])('%s', (text, value) => {
    expect(read(text)).toEqual(value);
  });

  it('is any text in quotes', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('"', "'"), (text, quote) => {
        const escaped = text.replaceAll(new RegExp(`(\\\\*)(${quote}|$)`, 'g'), (_, slashes: string, end: string) => {
          return slashes + slashes + (end === '' ? '' : `\\${end}`);
        });
        expect(read(`${quote}${escaped}${quote}`)).toBe(text);
      }),
    );
  });

  it('is any list of words, however it is written', () => {
    const word = fc.string({ unit: 'grapheme' }).filter((text) => !/[,[\]{}"'\\]/.test(text) && /[^\s\d.~]/.test(text));
    fc.assert(
      fc.property(fc.array(word, { minLength: 2 }), (words) => {
        const listed = words.map((text) => read(text.trim()));
        expect(read(words.join(','))).toEqual(listed);
        expect(read(`[${words.join(' , ')}]`)).toEqual(listed);
      }),
    );
  });
});
