import { tableOf } from '../dist/table/table.js';
import { textTable } from '../dist/table/text.js';

/**
 * A table of text without colours, the same in the terminal and on the page.
 * @template Row
 * @param {readonly Row[]} rows
 * @param {readonly { title: string[], align?: 'left' | 'right', text: (row: Row) => string }[]} columns
 * @returns {string[]} Lines.
 */
export function plainTable(rows, columns) {
  const heads = columns.map(({ title, align = 'right', text }) => ({ title: title.join('\n'), align, cell: text }));
  return textTable(tableOf(rows, heads));
}

/**
 * Rows by what `key` says of them, in the order in which they first come.
 * @template Row
 * @param {readonly Row[]} rows
 * @param {(row: Row) => string} key
 * @returns {Row[][]}
 */
export function grouped(rows, key) {
  /** @type {Map<string, Row[]>} */
  const groups = new Map();
  for (const row of rows) {
    const group = groups.get(key(row));
    if (group === undefined) groups.set(key(row), [row]);
    else group.push(row);
  }
  return [...groups.values()];
}

/** @param {number | undefined} ms */
export function msText(ms) {
  if (ms === undefined) return '–';
  return ms < 10 ? ms.toFixed(2) : ms < 1000 ? ms.toFixed(1) : ms.toFixed(0);
}

/**
 * `0.78`, ours divided by the peer's: below 1 is faster.
 * @param {number} ours
 * @param {number | undefined} peer
 */
export function ratioText(ours, peer) {
  return peer === undefined ? '–' : (ours / peer).toFixed(2);
}
