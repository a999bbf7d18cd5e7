import { mean } from './statistics.js';
import { grouped, plainTable } from './table.js';

/** @import { FusingRow } from './fusing.js' */

/**
 * Lines of the table: means over the rounds, a line a training, and after how long the faster steps have earned back what
 * compiling them takes.
 * @param {readonly FusingRow[]} rows
 */
export function fusingTable(rows) {
  const lines = grouped(rows, (row) => `${row.case} ${row.optimizer}`).map((group) => {
    const [first] = /** @type {[FusingRow]} */ (group);
    const over = (/** @type {string} */ way, /** @type {'step_ms' | 'startup_s'} */ column) =>
      mean(group.filter((row) => row.way === way).map((row) => row[column]));
    const [off, on] = [over('off', 'step_ms'), over('on', 'step_ms')];
    const [startOff, startOn] = [over('off', 'startup_s'), over('on', 'startup_s')];
    return { ...first, off, on, startOff, startOn, back: ((startOn - startOff) * 1000) / (off - on) };
  });
  return plainTable(lines, [
    { title: ['case'], align: 'left', text: (line) => line.case },
    { title: ['optimizer'], align: 'left', text: ({ optimizer }) => optimizer },
    { title: ['ms a step', 'off'], text: ({ off }) => off.toFixed(1) },
    { title: ['', 'on'], text: ({ on }) => on.toFixed(1) },
    { title: ['', 'ratio'], text: ({ off, on }) => (on / off).toFixed(2) },
    { title: ['start, s', 'off'], text: ({ startOff }) => startOff.toFixed(1) },
    { title: ['', 'on'], text: ({ startOn }) => startOn.toFixed(1) },
    {
      title: ['earned back', 'after steps'],
      text: ({ off, on, back }) => (on < off ? Math.ceil(back).toString() : 'never'),
    },
    { title: ['', 'seconds'], text: ({ off, on, back }) => (on < off ? ((back * on) / 1000).toFixed(0) : '–') },
  ]);
}
