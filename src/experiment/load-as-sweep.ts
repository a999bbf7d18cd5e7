import { loadSweep, type ExperimentSource, type LoadedSweep } from '../config/load.js';

/**
 * Reads an experiment as a sweep: one without lists becomes a sweep with a single seed, so that its folder lists tasks.
 * @throws {SoapBenchError} `config_invalid` (exit code 2).
 */
export function loadAsSweep(source: ExperimentSource): LoadedSweep {
  const plain = loadSweep(source);
  if (plain.variants !== undefined) return plain;
  return loadSweep({ ...source, overrides: [...source.overrides, `seed=[${plain.config.seed}]`] });
}
