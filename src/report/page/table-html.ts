import type { Table, TableCell } from '../table.js';
import { escapeHtml } from './html.js';

/** A table as HTML; the number behind a cell is in its `data-value`, with every digit. */
export function tableHtml({ id, columns, rows }: Table): string {
  const head = columns.map(({ title, align }) => `<th class="${align}" scope="col">${escapeHtml(title)}</th>`);
  const body = rows.map((row) => `<tr>${row.map((cell, i) => cellHtml(cell, columns[i]!.align)).join('')}</tr>`);
  return [
    `<div class="scroll"><table data-table="${id}">`,
    `<thead><tr>${head.join('')}</tr></thead>`,
    `<tbody>${body.join('\n')}</tbody>`,
    '</table></div>',
  ].join('\n');
}

/** The same with what there is to say of it below. */
export function tableWithNote(table: Table): string {
  return `${tableHtml(table)}\n<p class="note">${escapeHtml(table.note)}</p>`;
}

function cellHtml({ text, column, value, trouble, best }: TableCell, align: string): string {
  const classes = [align, ...(trouble ? ['trouble'] : []), ...(best ? ['best'] : [])].join(' ');
  const number = column === undefined ? '' : ` data-column="${column}" data-value="${value ?? 'nan'}"`;
  return `<td class="${classes}"${number}>${escapeHtml(text)}</td>`;
}
