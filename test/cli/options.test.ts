import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { decimal, wholeNumber } from '../../src/cli/options.js';

describe('a whole number', () => {
  const parse = wholeNumber({ least: 1, most: 999, example: 3 });

  it.each([
    ['1', 1],
    ['999', 999],
    ['007', 7],
  ])('%s is read', (text, value) => {
    expect(parse(text)).toBe(value);
  });

  it.each(['', ' ', '0', '1000', '-1', '+1', '1.5', '1e2', '0x10', 'three', '1 2', '٣', 'NaN', '99999999999999999999'])(
    'is not "%s"',
    (text) => {
      expect(() => parse(text)).toThrow(InvalidArgumentError);
      expect(() => parse(text)).toThrow('It must be a whole number from 1 to 999, such as 3.');
    },
  );

  it('without an upper bound says only the lower one', () => {
    expect(() => wholeNumber({ least: 0 })('99999999999999999999')).toThrow('It must be a whole number, at least 0.');
  });
});

describe('a decimal number', () => {
  const parse = decimal({ what: 'a number above 0', example: '4.8', allows: (value) => value > 0 });

  it.each([
    ['4.8', 4.8],
    ['1e-3', 0.001],
  ])('%s is read', (text, value) => {
    expect(parse(text)).toBe(value);
  });

  it.each(['', ' ', '0', '-1', 'NaN', 'Infinity', 'half', '1,5'])('is not "%s"', (text) => {
    expect(() => parse(text)).toThrow('It must be a number above 0, such as 4.8.');
  });
});
