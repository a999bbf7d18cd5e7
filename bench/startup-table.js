import { median } from './statistics.js';
import { grouped, plainTable } from './table.js';

/** @import { StartupRow } from './startup.js' */

/**
 * Lines of the table: medians over the rounds, a line a phase and one for the whole.
 * @param {readonly StartupRow[]} rows
 */
export function startupTable(rows) {
  const lines = grouped(rows, ({ optimizer }) => optimizer).flatMap((group) => {
    const name = /** @type {StartupRow} */ (group[0]).optimizer;
    const phases = grouped(group, ({ phase }) => phase).map((some) => ({
      name,
      phase: /** @type {StartupRow} */ (some[0]).phase,
      seconds: median(some.map(({ seconds }) => seconds)),
    }));
    const totals = grouped(group, ({ round }) => String(round)).map((some) =>
      some.reduce((sum, { seconds }) => sum + seconds, 0),
    );
    return [...phases, { name, phase: 'all', seconds: median(totals) }];
  });
  return plainTable(lines, [
    { title: ['optimizer'], align: 'left', text: ({ name }) => name },
    { title: ['phase'], align: 'left', text: ({ phase }) => phase },
    { title: ['seconds'], text: ({ seconds }) => seconds.toFixed(2) },
  ]);
}
