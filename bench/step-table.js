import { median } from './statistics.js';
import { grouped, msText, plainTable, ratioText } from './table.js';

/** @import { StepRow } from './step.js' */

/**
 * Figures of one side: medians over the rounds, the largest memory.
 * @typedef {object} Figures
 * @property {string} mode
 * @property {number} medianMs
 * @property {number} meanMs
 * @property {number} gflops
 * @property {number | undefined} share
 * @property {number} rssMib
 */

/**
 * Lines of the table: a line for every case, optimizer and mode of ours, beside the faster mode of the peer.
 * @param {readonly StepRow[]} rows
 */
export function stepTable(rows) {
  const lines = grouped(rows, ({ case: name, optimizer, precision }) => `${name} ${optimizer} ${precision}`).flatMap(
    (group) => {
      const peers = figuresOf(group.filter(({ side }) => side === 'peer')).sort((a, b) => a.meanMs - b.meanMs);
      const { case: name, optimizer, precision } = /** @type {StepRow} */ (group[0]);
      return figuresOf(group.filter(({ side }) => side === 'ours')).map((ours) => ({
        name,
        optimizer,
        precision,
        ours,
        peer: peers[0],
      }));
    },
  );
  return plainTable(lines, [
    { title: ['case'], align: 'left', text: ({ name }) => name },
    { title: ['optimizer'], align: 'left', text: ({ optimizer }) => optimizer },
    { title: ['precision'], align: 'left', text: ({ precision }) => precision },
    { title: ['mode'], align: 'left', text: ({ ours, peer }) => modesText(ours, peer) },
    { title: ['median ms', 'ours'], text: ({ ours }) => msText(ours.medianMs) },
    { title: ['', 'peer'], text: ({ peer }) => msText(peer?.medianMs) },
    { title: ['', 'ratio'], text: ({ ours, peer }) => ratioText(ours.medianMs, peer?.medianMs) },
    { title: ['mean ms', 'ours'], text: ({ ours }) => msText(ours.meanMs) },
    { title: ['', 'peer'], text: ({ peer }) => msText(peer?.meanMs) },
    { title: ['', 'ratio'], text: ({ ours, peer }) => ratioText(ours.meanMs, peer?.meanMs) },
    { title: ['model', 'GFLOP/s'], text: ({ ours }) => ours.gflops.toFixed(1) },
    {
      title: ['of the', 'ceiling'],
      text: ({ ours }) => (ours.share === undefined ? '–' : `${(100 * ours.share).toFixed(0)} %`),
    },
    { title: ['peak MiB', 'ours'], text: ({ ours }) => String(ours.rssMib) },
    { title: ['', 'peer'], text: ({ peer }) => (peer === undefined ? '–' : String(peer.rssMib)) },
  ]);
}

/**
 * @param {readonly StepRow[]} rows
 * @returns {Figures[]} One a mode.
 */
function figuresOf(rows) {
  return grouped(rows, ({ mode }) => mode).map((group) => {
    const shares = group.flatMap(({ ceiling_share }) => (ceiling_share === null ? [] : [ceiling_share]));
    return {
      mode: /** @type {StepRow} */ (group[0]).mode,
      medianMs: median(group.map(({ median_ms }) => median_ms)),
      meanMs: median(group.map(({ mean_ms }) => mean_ms)),
      gflops: median(group.map(({ model_gflops }) => model_gflops)),
      share: shares.length === 0 ? undefined : median(shares),
      rssMib: Math.max(...group.map(({ peak_rss_mib }) => peak_rss_mib)),
    };
  });
}

/**
 * `compiled`, with the peer's mode behind it when that is another one.
 * @param {Figures} ours
 * @param {Figures | undefined} peer
 */
function modesText(ours, peer) {
  return peer === undefined || peer.mode === ours.mode ? ours.mode : `${ours.mode} / ${peer.mode}`;
}
