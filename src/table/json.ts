import { jsonValue } from '../files/json-value.js';
import { plainTitle, type Cell, type ColumnHead, type Table } from './table.js';

/** A row an object: what is read under the titles, then what is computed under the names of the CSV file. */
export function jsonTable({ rows, columns }: Table): string {
  const isRead = ({ key }: ColumnHead) => key === undefined;
  const order = [...columns.filter(isRead), ...columns.filter((column) => !isRead(column))];
  const objects = rows.map((row) =>
    Object.fromEntries(order.map((column) => entryOf(column, row[columns.indexOf(column)]!))),
  );
  return `${JSON.stringify(objects, null, 2)}\n`;
}

function entryOf(column: ColumnHead, { text, value }: Cell): [string, unknown] {
  return column.key === undefined ? [plainTitle(column), text] : [column.key, jsonValue(value ?? null)];
}
