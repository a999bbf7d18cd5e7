import { grouped, plainTable } from './table.js';

/** @import { StressRow } from './stress.js' */

/**
 * The trainings of one setting beside each other: what fusing changes, and what a last digit of the first weights changes.
 * @typedef {object} Compared
 * @property {StressRow} unfused
 * @property {StressRow} fused
 * @property {StressRow | undefined} eager
 * @property {StressRow[]} perturbed
 */

/**
 * Lines of the table: a line a case, precision and optimizer.
 * @param {readonly StressRow[]} rows
 */
export function stressTable(rows) {
  return plainTable(comparedOf(rows), [
    { title: ['case'], align: 'left', text: ({ fused }) => fused.case },
    { title: ['optimizer'], align: 'left', text: ({ fused }) => fused.optimizer },
    { title: ['precision'], align: 'left', text: ({ fused }) => fused.precision },
    { title: ['fused', 'steps'], text: ({ fused }) => String(fused.done) },
    {
      title: ['', 'ended'],
      align: 'left',
      text: ({ fused }) => /** @type {string} */ (fused.ending.split(/[:\n]/)[0]),
    },
    { title: ['fused', 'calls'], text: ({ fused }) => String(fused.fused ?? '–') },
    { title: ['loss 2', 'to eager'], text: ({ fused, eager }) => apart([fused, eager], ({ loss_2 }) => [loss_2]) },
    { title: ['losses', 'fused'], text: ({ unfused, fused }) => apart([unfused, fused], blocks) },
    { title: ['apart', 'perturbed'], text: ({ unfused, perturbed }) => apart([unfused, ...perturbed], blocks) },
    { title: ['at the end', 'fused'], text: ({ unfused, fused }) => apart([unfused, fused], last) },
    { title: ['', 'perturbed'], text: ({ unfused, perturbed }) => apart([unfused, ...perturbed], last) },
    { title: ['MiB', 'begin'], text: ({ fused }) => String(fused.rss_start_mib) },
    { title: ['', 'end'], text: ({ fused }) => String(fused.rss_end_mib) },
  ]);
}

/** @param {readonly StressRow[]} rows */
function comparedOf(rows) {
  const key = (/** @type {StressRow} */ row) => `${row.case} ${row.optimizer} ${row.precision} ${row.sequences}`;
  return grouped(rows, key).flatMap((group) => {
    const of = (/** @type {string} */ way) => group.filter((row) => row.way.startsWith(way));
    const [unfused] = of('unfused');
    const [fused] = of('fused');
    return unfused && fused ? [{ unfused, fused, eager: of('eager')[0], perturbed: of('perturbed') }] : [];
  });
}

/**
 * How far others lie from the first at most, in nats.
 * @param {readonly (StressRow | undefined)[]} rows
 * @param {(row: StressRow) => number[]} values
 */
function apart([first, ...others], values) {
  const known = others.filter((row) => row !== undefined);
  if (first === undefined || known.length === 0) return '–';
  const base = values(first);
  const distances = known.flatMap((row) => values(row).map((value, i) => Math.abs(value - (base[i] ?? NaN))));
  return Math.max(...distances).toExponential(1);
}

/** @param {StressRow} row */
function blocks({ block_losses }) {
  return block_losses.split(' ').filter(Boolean).map(Number);
}

/** @param {StressRow} row */
function last({ validation_loss }) {
  return [validation_loss ?? NaN];
}
