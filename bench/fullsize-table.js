import { plainTable } from './table.js';

/** @import { FullsizeRow } from './fullsize.js' */

/**
 * Lines of the table: one a phase.
 * @param {readonly FullsizeRow[]} rows
 */
export function fullsizeTable(rows) {
  const gib = (/** @type {number} */ mib) => (mib / 1024).toFixed(2);
  return plainTable(rows, [
    { title: ['optimizer'], align: 'left', text: ({ optimizer }) => optimizer },
    { title: ['phase'], align: 'left', text: ({ phase }) => phase },
    { title: ['seconds'], text: ({ seconds }) => seconds.toFixed(1) },
    { title: ['peak GiB', 'so far'], text: ({ peak_rss_mib }) => gib(peak_rss_mib) },
    { title: ['', 'state'], text: ({ state_mib }) => gib(state_mib) },
  ]);
}
