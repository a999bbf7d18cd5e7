import type { DuckDBConnection, DuckDBResultReader } from '@duckdb/node-api';
import { SoapBenchError, exitCodes, messageOf } from '../errors.js';
import { queryTables } from './tables.js';

/** The result of a query. Integers are numbers unless they are too large; times are ISO 8601 text. */
export interface Answer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly AnswerValue[])[];
}
export type AnswerValue = string | number | boolean | null;

/** @throws {SoapBenchError} `sql_invalid` (exit code 2) with the position, and the columns of the tables in the query. */
export async function ask(connection: DuckDBConnection, sql: string): Promise<Answer> {
  let reader: DuckDBResultReader;
  try {
    const count = await statementsIn(connection, sql);
    if (count !== 1) throw invalid(`expected one statement, found ${count}`, sql);
    reader = await connection.runAndReadAll(sql);
  } catch (error) {
    throw error instanceof SoapBenchError ? error : invalid(messageOf(error), sql);
  }
  const columns = reader.deduplicatedColumnNames();
  const { ResultReturnType } = await import('@duckdb/node-api');
  if (reader.returnType !== ResultReturnType.QUERY_RESULT) {
    throw invalid('the statement asks for nothing, and what it changes is gone at once', sql);
  }
  const isDate = reader.columnTypes().map((type) => String(type) === 'DATE');
  const rows = reader.getRowsJS().map((row) => row.map((value, index) => plain(value, isDate[index]!)));
  return { columns, rows };
}

async function statementsIn(connection: DuckDBConnection, sql: string): Promise<number> {
  try {
    return (await connection.extractStatements(sql)).count;
  } catch (error) {
    // DuckDB's only message for text without a statement.
    if (messageOf(error) === 'Error in native callback') return 0;
    throw error;
  }
}

function plain(value: unknown, isDate: boolean): AnswerValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Date) return isDate ? value.toISOString().slice(0, 10) : value.toISOString();
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  // Lists and structs.
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? Number(part) : part));
}

function invalid(message: string, sql: string): SoapBenchError {
  const named = queryTables.filter(({ name }) => new RegExp(`\\b${name}\\b`, 'i').test(sql));
  const columns = named.map(({ name, columns }) => `${name}: ${columns.map((column) => column.name).join(', ')}`);
  return new SoapBenchError('sql_invalid', message.trimEnd(), {
    exitCode: exitCodes.usage,
    hint:
      columns.length > 0
        ? columns.join('\n      ')
        : `there are the tables ${queryTables.map(({ name }) => name).join(', ')}; \`soap-bench query\` alone describes them`,
  });
}
