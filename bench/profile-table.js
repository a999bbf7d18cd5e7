import { grouped, msText, plainTable } from './table.js';

/** @import { ProfileRow } from './profile.js' */

/**
 * Lines of the table: one a phase of a step. What products take at the ceiling and passes at the memory's speed is
 * computed from what was counted; the rest of the phase's time is what these two do not explain.
 * @param {readonly ProfileRow[]} rows
 */
export function profileTable(rows) {
  const key = (/** @type {ProfileRow} */ { case: name, optimizer, precision, mode, phase }) =>
    [name, optimizer, precision, mode, phase].join(' ');
  const lines = grouped(rows, key).map((group) => {
    const first = /** @type {ProfileRow} */ (group[0]);
    const of = (/** @type {ProfileRow['kind']} */ kind) => group.filter((row) => row.kind === kind);
    const gflop = sum(of('product').map((row) => row.gflop));
    const gib = sum(of('pass').map((row) => row.mib)) / 1024;
    return {
      ...first,
      gflop,
      gib,
      productMs: (1000 * gflop) / first.ceiling_gflops,
      passMs: (1000 * gib) / first.bandwidth_gib_s,
      passes: sum(of('pass').map(({ count }) => count)),
      decompositions: sum(of('decomposition').map(({ count }) => count)),
    };
  });
  return plainTable(lines, [
    { title: ['case'], align: 'left', text: (line) => line.case },
    { title: ['optimizer'], align: 'left', text: ({ optimizer }) => optimizer },
    { title: ['precision'], align: 'left', text: ({ precision }) => precision },
    { title: ['mode'], align: 'left', text: ({ mode }) => mode },
    { title: ['phase'], align: 'left', text: ({ phase }) => phase },
    { title: ['of the', 'steps'], text: ({ share }) => `${(100 * share).toFixed(0)} %` },
    { title: ['', 'ms'], text: ({ phase_ms }) => msText(phase_ms) },
    { title: ['products', 'GFLOP'], text: ({ gflop }) => gflop.toFixed(2) },
    { title: ['', 'ms at least'], text: ({ productMs }) => msText(productMs) },
    { title: ['passes', 'number'], text: ({ passes }) => String(passes) },
    { title: ['', 'GiB'], text: ({ gib }) => gib.toFixed(2) },
    { title: ['', 'ms at least'], text: ({ passMs }) => msText(passMs) },
    { title: ['decom-', 'positions'], text: ({ decompositions }) => String(decompositions) },
    { title: ['rest', 'ms'], text: ({ phase_ms, productMs, passMs }) => msText(phase_ms - productMs - passMs) },
  ]);
}

/** @param {readonly number[]} values */
function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
