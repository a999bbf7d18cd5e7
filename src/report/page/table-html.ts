import type { Table, TableCell, TableColumn } from '../tables/table.js';
import { escapeHtml } from './html.js';

/** A table as HTML; the number behind a cell is in its `data-value`, with every digit. */
export function tableHtml({ id, columns, rows, stacks = false }: Table): string {
  const head = columns.map(({ title, align }) => `<th class="${align}" scope="col">${escapeHtml(title)}</th>`);
  const cells = (row: readonly TableCell[]) => row.map((cell, i) => cellHtml(cell, columns[i]!, stacks)).join('');
  const body = rows.map((row) => `<tr>${cells(row)}</tr>`);
  return [
    `<div class="scroll"><table data-table="${id}"${stacks ? ' class="stacks"' : ''}>`,
    `<thead><tr>${head.join('')}</tr></thead>`,
    `<tbody>${body.join('\n')}</tbody>`,
    '</table></div>',
  ].join('\n');
}

/** The same with what there is to say of it below. */
export function tableWithNote(table: Table): string {
  return `${tableHtml(table)}\n<p class="note">${escapeHtml(table.note)}</p>`;
}

function cellHtml(cell: TableCell, { title, align }: TableColumn, stacks: boolean): string {
  const { text, column, value, trouble, best } = cell;
  const classes = [align, ...(trouble ? ['trouble'] : []), ...(best ? ['best'] : [])].join(' ');
  const number = column === undefined ? '' : ` data-column="${column}" data-value="${value ?? 'nan'}"`;
  const name = stacks ? ` data-title="${escapeHtml(title)}"` : '';
  return `<td class="${classes}"${name}${number}>${escapeHtml(text)}</td>`;
}
