import { commitText, describeEnvironment } from '../dist/results/environment.js';

/** @import { Engine } from '../dist/engine/engine.js' */

/** Columns that say when, with what and on what a row was measured. Nothing in them names a person or a host. */
export const provenanceColumns = /** @type {const} */ (['measured_at', 'commit', 'library', 'device', 'threads']);

/**
 * @typedef {object} Provenance
 * @property {string} measured_at
 * @property {string} commit Of soap-bench, `+changes` when files differ from it; empty outside a checkout.
 * @property {string} library What computes, e.g. `tensorflow 2.21.0`.
 * @property {string} device
 * @property {number} threads
 */

/**
 * @param {Engine} engine
 * @returns {Provenance}
 */
export function provenanceOf(engine) {
  return {
    measured_at: new Date().toISOString(),
    commit: commitText(describeEnvironment(engine)),
    library: `${engine.name} ${engine.version}`,
    device: engine.device,
    threads: engine.threads,
  };
}
