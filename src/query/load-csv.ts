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
 * Fills a table from CSV files. Columns that a file of an earlier version has not got are NULL, those that the table has
 * not got are left out; files that cannot be read are, too.
 * @param run SQL for the name of a row's run, from the columns of the file and `owner`.
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
      // One of them is damaged: the others count all the same.
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

/** All files have the same columns. */
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

/** A column as soap-bench reads it: NaN is unknown, and a text is the one that was written. */
function valueOf(name: string, type: string | undefined): string {
  if (type === 'DOUBLE') return `nullif(${name}, 'nan')`;
  return type === 'VARCHAR' ? `regexp_replace(${name}, ${literal(quotedFormula)}, '\\1')` : name;
}

/** A string as SQL writes it. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A path as a pattern that nothing else fits. */
function globLiteral(path: string): string {
  return path.replaceAll(/[*?[]/g, '[$&]');
}
