import { existsSync } from 'node:fs';
import { parse as parseCsv } from 'csv-parse/sync';
import { originalText } from './csv.js';
import { messageOf } from '../errors.js';
import { damaged } from './damaged.js';
import { fileBlocks, wholeLines } from './file-blocks.js';

/** The type of a column's cells. */
export interface Cell<T> {
  /** Parses the text of a cell; undefined if it is invalid. */
  readonly read: (text: string) => T | undefined;
  readonly expected: string;
  /** True if files of earlier versions lack the column. */
  readonly isOptional?: boolean;
}

/** The cell types of a table's columns, which define its rows. */
export type Columns<Row> = { readonly [Name in keyof Row]-?: Cell<NonNullable<Row[Name]>> };

const nonFinite = new Map([
  ['inf', Infinity],
  ['-inf', -Infinity],
  ['nan', NaN],
]);

/** A number, including the words for infinities and NaN that NumPy and pandas read. */
export const csvNumber: Cell<number> = {
  read: (text) => {
    const value = Number(text);
    if (Number.isNaN(value)) return nonFinite.get(text);
    // JavaScript converts empty text to 0.
    return value === 0 && text.trim() === '' ? undefined : value;
  },
  expected: 'a number, inf, -inf or nan',
};

/** A text, without the mark that keeps it from being a formula. */
export const csvString: Cell<string> = { read: originalText, expected: 'text' };

/** A column with the same word in every row. */
export function csvWord<Word extends string>(word: Word): Cell<Word> {
  return { read: (text) => (text === word ? word : undefined), expected: word };
}

/** A column that files of earlier versions lack. */
export function optional<T>(cell: Cell<T>): Cell<T> {
  return { ...cell, isOptional: true };
}

/**
 * Reads the rows of a CSV file; none if it does not exist yet.
 * @throws {SoapBenchError} As `parseRows` does.
 */
export function readRows<Row>(file: string, columns: Columns<Row>): Row[] {
  return existsSync(file) ? parseRows(file, fileBlocks(file), columns) : [];
}

/**
 * Parses the rows of a CSV file block by block, so that only the rows take memory. An incomplete last line, as a crash leaves
 * it, and columns that are not requested are skipped.
 * @param file The file's name, for messages.
 * @throws {SoapBenchError} `results_damaged` with the line.
 */
export function parseRows<Row>(file: string, blocks: Iterable<Buffer>, columns: Columns<Row>): Row[] {
  const rows: Row[] = [];
  let names: readonly string[] | undefined;
  let wanted: readonly WantedColumn[] = [];
  for (const line of wholeLines(blocks)) {
    const place = `${file}:${names === undefined ? 1 : rows.length + 2}`;
    const cells = cellsOf(line, place);
    if (names === undefined) {
      names = cells;
      wanted = wantedColumns(file, names, columns);
    } else {
      if (cells.length !== names.length) throw damaged(place, `found ${cells.length} cells, expected ${names.length}`);
      rows.push(rowOf(place, cells, wanted) as Row);
    }
  }
  return rows;
}

interface WantedColumn {
  readonly name: string;
  readonly index: number;
  readonly cell: Cell<unknown>;
}

function wantedColumns(
  file: string,
  names: readonly string[],
  columns: Readonly<Record<string, Cell<unknown>>>,
): WantedColumn[] {
  const cells = Object.entries(columns);
  const all = cells.map(([name, cell]) => ({ name, index: names.indexOf(name), cell }));
  const missing = all.filter(({ index, cell }) => index < 0 && cell.isOptional !== true).map(({ name }) => name);
  if (missing.length > 0) throw damaged(`${file}:1`, `the columns ${missing.join(', ')} are missing`);
  return all.filter(({ index }) => index >= 0);
}

/** Splits a line into cells. No cell contains a line break, so each row is one line. */
function cellsOf(line: string, place: string): string[] {
  const text = line.endsWith('\r') ? line.slice(0, -1) : line;
  // The fast path for lines without quotes, as there may be millions of cells.
  if (!text.includes('"')) return text.split(',');
  try {
    return parseCsv(text)[0]!;
  } catch (error) {
    throw damaged(place, messageOf(error), error);
  }
}

function rowOf(place: string, cells: readonly string[], wanted: readonly WantedColumn[]): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (const { name, index, cell } of wanted) {
    const text = cells[index]!;
    const value = cell.read(text);
    if (value === undefined) throw damaged(place, `${name}: found ${JSON.stringify(text)}, expected ${cell.expected}`);
    row[name] = value;
  }
  return row;
}
