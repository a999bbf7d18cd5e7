import { textTable, tableWidth, type Column } from '../text-table.js';
import type { Answer, AnswerValue } from './ask.js';
import { visibleText } from '../visible-text.js';
import { queryTables } from './tables.js';

/** Formats an answer as a table, or as one block of lines per row if the table is wider than the terminal. */
export function answerText(
  { columns: names, rows }: Answer,
  width: number,
  styleTitle: (text: string) => string,
): string {
  const columns = names.map(visibleText);
  if (rows.length === 0) return styleTitle(`no rows (${columns.join(', ')})`);
  const cells = columns.map((name, index): Column => {
    const values = rows.map((row) => row[index]!);
    const isNumber = values.some((value) => typeof value === 'number');
    return {
      title: [name],
      align: isNumber ? 'right' : 'left',
      cells: values.map((value) => ({ text: valueText(value) })),
    };
  });
  if (tableWidth(cells) <= width) return textTable(cells, styleTitle).join('\n');
  const widest = Math.max(...columns.map((name) => name.length));
  const blocks = rows.map((row) =>
    row.map((value, index) => `${styleTitle(columns[index]!.padEnd(widest))}  ${valueText(value)}`).join('\n'),
  );
  return blocks.join('\n\n');
}

/** Formats a value with six digits. --json and --csv have all digits. */
function valueText(value: AnswerValue): string {
  if (value === null) return '–';
  if (typeof value !== 'number') return visibleText(String(value).replaceAll(/\s*\n\s*/g, ' '));
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
}

/** Describes the tables and columns for people. */
export function tablesText(styleTitle: (text: string) => string): string {
  const blocks = queryTables.map(({ name, holds, columns }) => {
    const column = (title: string, cells: string[]): Column => ({
      title: [title],
      align: 'left',
      cells: cells.map((text) => ({ text })),
    });
    const lines = textTable(
      [
        column(
          'column',
          columns.map((one) => one.name),
        ),
        column(
          'type',
          columns.map((one) => one.type),
        ),
        column(
          'unit',
          columns.map((one) => one.unit ?? ''),
        ),
        column(
          'meaning',
          columns.map((one) => one.meaning),
        ),
      ],
      styleTitle,
    );
    return [`${name}: ${holds}`, ...lines.map((line) => `  ${line}`)].join('\n');
  });
  return blocks.join('\n\n');
}
