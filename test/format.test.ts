import { describe, it, expect } from 'vitest';
import {
  bytesText,
  decimalText,
  deviationText,
  lrText,
  plural,
  signedText,
  timeText,
  wrapText,
} from '../src/format.js';
import { ticks } from '../src/report/ticks.js';

describe('numbers in a table', () => {
  it.each([
    [0, '0 s'],
    [0.0004, '0.4 ms'],
    [0.34, '340 ms'],
    [0.9999, '1.0 s'],
    [1.24, '1.2 s'],
    [99.96, '1 min 40 s'],
    [200, '3 min 20 s'],
    [3599.6, '1 h 0 min'],
    [7500, '2 h 5 min'],
  ])('%d s reads %s', (seconds, text) => {
    expect(timeText(seconds)).toBe(text);
  });

  it.each([
    [0, '0 runs'],
    [1, '1 run'],
    [2, '2 runs'],
    [1200, '1,200 runs'],
  ])('%d takes %s', (count, text) => {
    expect(plural(count, 'run')).toBe(text);
  });

  it.each([
    [1, '1 is'],
    [2, '2 are'],
  ])('%d takes %s', (count, text) => {
    expect(plural(count, 'is', 'are')).toBe(text);
  });

  it.each([
    [1.25, '1.250', '+1.250'],
    [-1.25, '−1.250', '−1.250'],
    [0, '0.000', '0.000'],
    [-0, '0.000', '0.000'],
    [-0.0004, '0.000', '0.000'],
    [0.0004, '0.000', '0.000'],
    [-0.0006, '−0.001', '−0.001'],
  ])('%d reads %s, as a difference %s', (value, text, difference) => {
    expect(decimalText(value, 3)).toBe(text);
    expect(signedText(value, 3)).toBe(difference);
  });

  it.each([
    [49.2, 0, '49.2 s ± 0.0 s'],
    [49.2, 0.42, '49.2 s ± 0.4 s'],
    [0.34, 1.2, '340 ms ± 1200 ms'],
    [0.0004, 0.02, '0.4 ms ± 20.0 ms'],
    [200, 5.2, '3 min 20 s ± 5 s'],
    [200, 75, '3 min 20 s ± 1 min 15 s'],
    [7500, 30, '2 h 5 min ± 1 min'],
    [0, 0, '0 s ± 0 s'],
    [200, NaN, '3 min 20 s'],
  ])('%d s with a deviation of %d s reads %s, in one unit', (mean, sd, text) => {
    expect(deviationText({ mean, sd }, timeText)).toBe(text);
  });

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 KB'],
    [3_412_992, '3.4 MB'],
    [512_000_000, '512 MB'],
    [2.5e9, '2.5 GB'],
  ])('%d bytes read %s', (bytes, text) => {
    expect(bytesText(bytes)).toBe(text);
  });

  it.each([
    [0.003, '0.003'],
    [0.0316, '0.0316'],
    [3.16e-4, '3.16e-4'],
    [1e-5, '1e-5'],
    [1, '1'],
  ])('learning rate %d reads %s', (lr, text) => {
    expect(lrText(lr)).toBe(text);
  });
});

describe('wrapText', () => {
  it('breaks between words and leaves long ones whole', () => {
    expect(wrapText('one two three', 7)).toBe('one two\nthree');
    expect(wrapText('one twothreefour five', 7)).toBe('one\ntwothreefour\nfive');
  });
});

describe('ticks', () => {
  const texts = (from: number, to: number, count: number) => ticks(from, to, count).map(({ text }) => text);

  it('are round numbers with the digits they need', () => {
    expect(texts(0, 200, 5)).toEqual(['0', '50', '100', '150', '200']);
    expect(texts(4.61, 6.2, 5)).toEqual(['5.0', '5.5', '6.0']);
    expect(texts(4.912, 4.948, 5)).toEqual(['4.92', '4.93', '4.94']);
    expect(texts(0, 12_800, 4)).toEqual(['0', '5,000', '10,000']);
  });

  it('lie in the range and are no more than asked for', () => {
    for (const [from, to] of [
      [0, 1],
      [3.3, 3.4],
      [0, 7],
      [2, 999],
    ] as const) {
      for (const count of [2, 5, 9]) {
        const values = ticks(from, to, count).map(({ value }) => value);
        expect(values.length).toBeLessThanOrEqual(count);
        expect(values.every((value) => value >= from - 1e-9 && value <= to + 1e-9)).toBe(true);
      }
    }
  });
});
