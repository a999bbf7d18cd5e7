import { median } from './statistics.js';
import { grouped, msText, plainTable, ratioText } from './table.js';

/** @import { LinalgRow } from './linalg.js' */

/**
 * Lines of the table: a line for every operation, size and mode of ours.
 * @param {readonly LinalgRow[]} rows
 */
export function linalgTable(rows) {
  /** @param {readonly LinalgRow[]} some */
  const msOf = (some) => (some.length === 0 ? undefined : median(some.map(({ median_ms }) => median_ms)));
  const lines = grouped(rows, ({ operation, size }) => `${operation} ${size}`).flatMap((group) => {
    const peerMs = msOf(group.filter(({ side }) => side === 'peer'));
    const ours = group.filter(({ side }) => side === 'ours');
    return grouped(ours, ({ mode }) => mode).map((some) => ({
      ...some[0],
      oursMs: median(some.map(({ median_ms }) => median_ms)),
      peerMs,
    }));
  });
  return plainTable(lines, [
    { title: ['operation'], align: 'left', text: ({ operation = '' }) => operation.replace('_', ' ') },
    { title: ['size'], text: ({ size }) => String(size) },
    { title: ['mode'], align: 'left', text: ({ mode = '' }) => mode },
    { title: ['median ms', 'ours'], text: ({ oursMs }) => msText(oursMs) },
    { title: ['', 'peer'], text: ({ peerMs }) => msText(peerMs) },
    { title: ['', 'ratio'], text: ({ oursMs, peerMs }) => ratioText(oursMs, peerMs) },
  ]);
}
