import fc from 'fast-check';
import { describe, it, expect } from 'vitest';
import { csvNumber, csvString, optional, parseRows } from '../../src/files/csv-rows.js';
import { failureOf } from '../report/helpers.js';

const columns = { step: csvNumber, device: csvString, more: optional(csvNumber) };

function parse(text: string, blockSize = text.length): { step: number; device: string; more?: number }[] {
  const bytes = Buffer.from(text);
  const count = Math.ceil(bytes.length / blockSize);
  const blocks = Array.from({ length: count }, (_, i) => bytes.subarray(i * blockSize, (i + 1) * blockSize));
  return parseRows('a.csv', blocks, columns);
}

describe('the rows of a CSV file', () => {
  it('are the same however its bytes come', () => {
    const text = 'step,device\n1,a CPU\n2,"8 × ""Größe"", two"\ninf,€😀\n4,cut';
    const rows = [
      { step: 1, device: 'a CPU' },
      { step: 2, device: '8 × "Größe", two' },
      { step: Infinity, device: '€😀' },
    ];
    expect(parse(text)).toEqual(rows);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 80 }), (size) => {
        expect(parse(text, size)).toEqual(rows);
      }),
    );
  });

  it('may end as Windows ends lines, and have other columns between', () => {
    expect(parse('step,other,device\r\n1,,a\r\n')).toEqual([{ step: 1, device: 'a' }]);
    expect(parse('more,device,step\n-inf,a,1e3\n')).toEqual([{ step: 1000, device: 'a', more: -Infinity }]);
  });

  it.each([
    ['step\n', 'a.csv:1: the columns device are missing'],
    ['step,device\n1,a\n2\n', 'a.csv:3: found 1 cells, expected 2'],
    ['step,device\n\n', 'a.csv:2: found 1 cells, expected 2'],
    ['step,device\n1,a,b\n', 'a.csv:2: found 3 cells, expected 2'],
    ['step,device\n ,a\n', 'a.csv:2: step: found " ", expected a number, inf, -inf or nan'],
    ['step,device,more\n1,a,\n', 'a.csv:2: more: found "", expected a number, inf, -inf or nan'],
    ['step,device\n1,"a\n', 'a.csv:2: '],
  ])('of %j are refused', (text, message) => {
    const failure = failureOf(() => parse(text));
    expect(failure).toMatchObject({ code: 'results_damaged', exitCode: 6 });
    expect(failure.message).toContain(message);
  });

  it('are none of a file that has not come to the end of its first line', () => {
    for (const text of ['', 'step,dev', 'step,device', 'step,device\n', '\0\0\0']) expect(parse(text, 3)).toEqual([]);
  });
});
