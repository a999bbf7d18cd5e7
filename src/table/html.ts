import { escapeHtml } from '../escape-html.js';
import { noteOf, plainTitle, type Cell, type ColumnHead, type ReportTable, type Tone } from './table.js';

/** A table as HTML; the number behind a cell is in its `data-value`, with every digit. */
export function htmlTable({ id, columns, rows, stacks = false }: ReportTable): string {
  const head = columns.map(({ title, align = 'left' }) => {
    return `<th class="${align}" scope="col">${escapeHtml(title).replaceAll('\n', '<br>')}</th>`;
  });
  const cells = (row: readonly Cell[]) => row.map((cell, i) => cellHtml(cell, columns[i]!, stacks)).join('');
  const body = rows.map((row) => `<tr>${cells(row)}</tr>`);
  return [
    `<div class="scroll"><table data-table="${id}"${stacks ? ' class="stacks"' : ''}>`,
    `<thead><tr>${head.join('')}</tr></thead>`,
    `<tbody>${body.join('\n')}</tbody>`,
    '</table></div>',
  ].join('\n');
}

/** The same with what there is to say of it below. */
export function htmlTableWithNote(table: ReportTable): string {
  return `${htmlTable(table)}\n<p class="note">${escapeHtml(noteOf(table))}</p>`;
}

const classes: Readonly<Partial<Record<Tone, string>>> = { best: 'best', warning: 'trouble', trouble: 'trouble' };

function cellHtml({ text, value, tone }: Cell, column: ColumnHead, stacks: boolean): string {
  const { key, align = 'left' } = column;
  const own = tone === undefined ? undefined : classes[tone];
  const number = key === undefined ? '' : ` data-column="${key}" data-value="${value ?? 'nan'}"`;
  const name = stacks ? ` data-title="${escapeHtml(plainTitle(column))}"` : '';
  return `<td class="${own === undefined ? align : `${align} ${own}`}"${name}${number}>${escapeHtml(text)}</td>`;
}
