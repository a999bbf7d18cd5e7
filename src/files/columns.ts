import { csvNumber, csvWord, optional, type Cell } from './csv-rows.js';

/** A column of a CSV file: how its cells are read, its type in SQL, and what the documentation says of it. */
export interface Column<T> extends Cell<T> {
  readonly sql: 'BIGINT' | 'DOUBLE' | 'VARCHAR';
  /** Empty for a number without one. */
  readonly unit: string;
  readonly meaning: string;
}

/** A column that files of earlier versions do not have. */
export interface LaterColumn<T> extends Column<T> {
  readonly isOptional: true;
}

type AnyColumns = Readonly<Record<string, Column<unknown>>>;
type LaterNames<C extends AnyColumns> = {
  [Name in keyof C]: C[Name] extends LaterColumn<unknown> ? Name : never;
}[keyof C];

/** The rows of a table with these columns. */
export type RowOf<C extends AnyColumns> = {
  readonly [Name in Exclude<keyof C, LaterNames<C>>]: CellOf<C[Name]>;
} & { readonly [Name in LaterNames<C>]?: CellOf<C[Name]> | undefined };

type CellOf<C> = C extends Column<infer T> ? T : never;

/** A whole number. */
export function countColumn(unit: string, meaning: string): Column<number> {
  return { ...csvNumber, sql: 'BIGINT', unit, meaning };
}

/** A number. */
export function numberColumn(unit: string, meaning: string): Column<number> {
  return { ...csvNumber, sql: 'DOUBLE', unit, meaning };
}

/** The same word in every row. */
export function wordColumn<Word extends string>(word: Word): Column<Word> {
  return { ...csvWord(word), sql: 'VARCHAR', unit: '', meaning: word };
}

/** A column that has been added after files without it were written. */
export function addedLater<T>(column: Column<T>): LaterColumn<T> {
  return { ...column, ...optional(column), isOptional: true };
}

/** The names of columns, in the order in which they are written. */
export function columnNames<C extends AnyColumns>(columns: C): (keyof C & string)[] {
  return Object.keys(columns);
}
