import { tableOf } from '../table/table.js';
import { textTable } from '../table/text.js';
import type { Colors } from '../terminal.js';
import type { Answer, AnswerValue } from './ask.js';
import { visibleText } from '../visible-text.js';
import { queryTables } from './tables.js';

/** Formats an answer as a table, or as one block of lines per row if the table is wider than the terminal. */
export function answerText({ columns: names, rows }: Answer, width: number, colors: Colors): string {
  const columns = names.map(visibleText);
  if (rows.length === 0) return colors.dim(`no rows (${columns.join(', ')})`);
  const table = tableOf<Answer['rows'][number]>(
    rows,
    columns.map((title, index) => ({
      title,
      align: rows.some((row) => typeof row[index] === 'number') ? 'right' : 'left',
      cell: (row) => valueText(row[index]!),
    })),
    { stacks: true },
  );
  return textTable(table, { width, colors }).join('\n');
}

/** Formats a value with six digits. --json and --csv have all digits. */
function valueText(value: AnswerValue): string {
  if (value === null) return '–';
  if (typeof value !== 'number') return visibleText(String(value).replaceAll(/\s*\n\s*/g, ' '));
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
}

/** Describes the tables and columns for people. */
export function tablesText(colors: Colors): string {
  const blocks = queryTables.map(({ name, holds, columns }) => {
    const table = tableOf<(typeof columns)[number]>(columns, [
      { title: 'column', cell: (column) => column.name },
      { title: 'type', cell: ({ type }) => type },
      { title: 'unit', cell: ({ unit = '' }) => unit },
      { title: 'meaning', cell: ({ meaning }) => meaning },
    ]);
    return [`${name}: ${holds}`, ...textTable(table, { colors }).map((line) => `  ${line}`)].join('\n');
  });
  return blocks.join('\n\n');
}
