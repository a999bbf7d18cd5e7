import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { csvText } from '../../src/files/csv.js';
import { csvString, readRows } from '../../src/files/csv-rows.js';

/** What `readRows` makes of a column of texts. */
function readBack(csv: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'soap-bench-csv-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  writeFileSync(join(folder, 'rows.csv'), csv);
  return readRows(join(folder, 'rows.csv'), { text: csvString }).map(({ text }) => text);
}

describe('a text in CSV', () => {
  it.each([
    ['=cmd|x', "'=cmd|x"],
    ['@a', "'@a"],
    ['-x', "'-x"],
    ['+1+1', "'+1+1"],
    ['-2 3', "'-2 3"],
    ['\t=1', "'\t=1"],
    ['\r=1', '"\'\r=1"'],
    ['＝1', "'＝1"],
    ["'=1", "''=1"],
    ["''@a", "'''@a"],
    ['=HYPERLINK("http://e","x")', '"\'=HYPERLINK(""http://e"",""x"")"'],
    ["it's", "it's"],
    ["'quoted'", "'quoted'"],
    ['soap lr=0.003', 'soap lr=0.003'],
    ['', ''],
  ])('%j is nothing that a spreadsheet computes, and is read as it was', (text, cell) => {
    const csv = csvText([
      ['step', 'text'],
      [1, text],
    ]);
    expect(csv).toBe(`step,text\n1,${cell}\n`);
    expect(readBack(csv)).toEqual([text]);
  });

  it.each([
    [-0.5, '-0.5'],
    [-1e-7, '-1e-7'],
    [-Infinity, '-inf'],
    [Infinity, 'inf'],
    [NaN, 'nan'],
    ['-0.5', '-0.5'],
    ['+1e5', '+1e5'],
    ['-inf', '-inf'],
    [false, 'false'],
    [undefined, ''],
  ])('%o stays what it is', (value, cell) => {
    expect(csvText([['a', value]])).toBe(`a,${cell}\n`);
  });

  it('is inert in the header, too', () => {
    expect(csvText([['=a', '@b']])).toBe("'=a,'@b\n");
  });
});
