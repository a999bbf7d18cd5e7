import { oneLine } from '../visible-text.js';
import { noteOf, plainTitle, type Table } from './table.js';

/** With booktabs' rules; the document needs `\usepackage{booktabs}`. */
export function latexTable(table: Table): string {
  // A row that begins with `[` or `*` would be an option of the row before it.
  const line = (cells: readonly string[]) => `${cells.join(' & ').replace(/^(?=[[*])/, '{}')} \\\\`;
  const cells = table.rows.map((row) =>
    row.map(({ text, tone }) => (tone === 'best' ? `\\textbf{${latexText(text)}}` : latexText(text))),
  );
  return [
    `% ${oneLine(noteOf(table))}`,
    `\\begin{tabular}{${table.columns.map(({ align }) => (align === 'right' ? 'r' : 'l')).join('')}}`,
    '\\toprule',
    line(table.columns.map((column) => latexText(plainTitle(column)))),
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
