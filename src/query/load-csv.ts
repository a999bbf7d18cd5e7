import type { DuckDBConnection } from '@duckdb/node-api';
import { quotedFormula } from '../files/csv.js';
import { messageOf } from '../errors.js';
import { groupBy } from '../group-by.js';
import type { CsvSource } from './csv-files.js';
import type { QueryTable } from './tables.js';

/** A file that could not be read. */
export interface Unreadable {
  readonly file: string;
  readonly problem: string;
}

/**
 * Fills a table from CSV files. Columns that an older file lacks are NULL. Columns that the table lacks and files that cannot
 * be read are skipped.
 * @param run SQL expression for the name of a row's run, from the file's columns and `owner`.
 */
export async function loadCsv(
  connection: DuckDBConnection,
  table: QueryTable,
  sources: readonly CsvSource[],
  run: (columns: readonly string[]) => string,
): Promise<Unreadable[]> {
  const unreadable: Unreadable[] = [];
  for (const group of groupBy(sources, ({ columns }) => columns.join(',')).values()) {
    try {
      await connection.run(insertion(table, group, run));
    } catch {
      // One file is damaged: load the others one by one.
      for (const source of group) {
        try {
          await connection.run(insertion(table, [source], run));
        } catch (error) {
          unreadable.push({ file: source.original, problem: messageOf(error).split('\n')[0]! });
        }
      }
    }
  }
  return unreadable;
}

/** Builds the INSERT statement for files with the same columns. */
function insertion(
  table: QueryTable,
  sources: readonly CsvSource[],
  run: (columns: readonly string[]) => string,
): string {
  const { columns } = sources[0]!;
  const typeOf = (name: string) => table.columns.find((column) => column.name === name)?.type;
  const declared = columns.map((name) => `${literal(name)}: ${literal(typeOf(name) ?? 'VARCHAR')}`);
  const known = columns.filter((name) => typeOf(name) !== undefined);
  const selected = known.map((name) => `${valueOf(name, typeOf(name))} AS ${name}`);
  if (typeOf('experiment') !== undefined) selected.push('owner AS experiment');
  const owners = sources.map(({ path, owner }) => `(${literal(path)}, ${literal(owner)})`);
  return `INSERT INTO ${table.name} BY NAME
    SELECT ${run(columns)} AS run, ${selected.join(', ')}
    FROM read_csv([${sources.map(({ path }) => literal(globLiteral(path))).join(', ')}],
      columns = {${declared.join(', ')}}, header = true, auto_detect = false, delim = ',', quote = '"', escape = '"',
      filename = true) AS rows
    JOIN (VALUES ${owners.join(', ')}) AS owners(path, owner) ON rows.filename = owners.path`;
}

/** Builds the SQL expression of a column. NaN becomes NULL, and text stays exactly as written. */
function valueOf(name: string, type: string | undefined): string {
  if (type === 'DOUBLE') return `nullif(${name}, 'nan')`;
  return type === 'VARCHAR' ? `regexp_replace(${name}, ${literal(quotedFormula)}, '\\1')` : name;
}

/** Quotes a string as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Quotes a path as a glob pattern that matches only itself. */
function globLiteral(path: string): string {
  return path.replaceAll(/[*?[]/g, '[$&]');
}
