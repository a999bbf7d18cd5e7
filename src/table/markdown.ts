import { markdownParagraph, markdownText } from './markdown-text.js';
import { noteOf, plainTitle, type Table } from './table.js';

/** For GitHub; nothing but the table itself is markup. */
export function markdownTable(table: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = table.columns.map(({ align }) => (align === 'right' ? '---:' : '---'));
  const cells = table.rows.map((row) =>
    row.map(({ text, tone }) => (tone === 'best' ? `**${markdownText(text)}**` : markdownText(text))),
  );
  const titles = table.columns.map((column) => markdownText(plainTitle(column)));
  return [line(titles), line(rule), ...cells.map(line), '', markdownParagraph(noteOf(table)), ''].join('\n');
}
