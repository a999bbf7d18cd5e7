import { oneLine } from '../../visible-text.js';
import { markdownParagraph, markdownText } from './markdown-text.js';
import { jsonValue } from '../../files/json-value.js';
import type { Table } from './table.js';

/** For GitHub; nothing but the table itself is markup. */
export function markdownTable({ columns, rows, note }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = columns.map(({ align }) => (align === 'right' ? '---:' : '---'));
  const cells = rows.map((row) =>
    row.map(({ text, best }) => (best ? `**${markdownText(text)}**` : markdownText(text))),
  );
  const titles = columns.map(({ title }) => markdownText(title));
  return [line(titles), line(rule), ...cells.map(line), '', markdownParagraph(note), ''].join('\n');
}

/** With booktabs' rules; the document needs `\usepackage{booktabs}`. */
export function latexTable({ columns, rows, note }: Table): string {
  // A row that begins with `[` or `*` would be an option of the row before it.
  const line = (cells: readonly string[]) => `${cells.join(' & ').replace(/^(?=[[*])/, '{}')} \\\\`;
  const cells = rows.map((row) =>
    row.map(({ text, best }) => (best ? `\\textbf{${latexText(text)}}` : latexText(text))),
  );
  return [
    `% ${oneLine(note)}`,
    `\\begin{tabular}{${columns.map(({ align }) => align[0]).join('')}}`,
    '\\toprule',
    line(columns.map(({ title }) => latexText(title))),
    '\\midrule',
    ...cells.map(line),
    '\\bottomrule',
    '\\end{tabular}',
    '',
  ].join('\n');
}

const latexSigns: ReadonlyMap<string, string> = new Map([
  ['\\', '\\textbackslash{}'],
  ['~', '\\textasciitilde{}'],
  ['^', '\\textasciicircum{}'],
  ['±', '$\\pm$'],
  ['×', '$\\times$'],
  ['−', '$-$'],
  ['β', '$\\beta$'],
  ['<', '$<$'],
  ['>', '$>$'],
  ...['&', '%', '$', '#', '_', '{', '}'].map((sign) => [sign, `\\${sign}`] as const),
]);

function latexText(text: string): string {
  return oneLine(text).replace(/[^a-zA-Z0-9 ]/gu, (sign) => latexSigns.get(sign) ?? sign);
}

/** A row an object: what is read under the titles, what is computed under the names of the CSV file. */
export function jsonTable({ rows, columns }: Table): string {
  const objects = rows.map((row) => {
    const numbers = row.flatMap(({ column: name, value }) =>
      name === undefined ? [] : [[name, jsonValue(value ?? null)] as const],
    );
    const texts = row.flatMap(({ column: name, text }, i) =>
      name === undefined ? [[columns[i]!.title, text] as const] : [],
    );
    return { ...Object.fromEntries(texts), ...Object.fromEntries(numbers) };
  });
  return `${JSON.stringify(objects, null, 2)}\n`;
}
