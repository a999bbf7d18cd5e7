import type { ExperimentConfig } from '../config/schema.js';
import { timeKeys } from '../config/sweep/time-key.js';
import type { StepTimeRow } from './step-time-row.js';
import { readStepTimes } from './step-times-csv.js';

/**
 * Gives the runs of a folder the step times that were measured apart. All get theirs or none does: times of two clocks
 * do not compare.
 * @throws {SoapBenchError} `results_damaged` (exit code 6).
 */
export function withStepTimes<T extends {
  readonly config: ExperimentConfig;
  readonly run: { readonly timed?: StepTimeRow | undefined };
}>(
  folder: string,
  runs: readonly T[],
): T[] {
  const measured = new Map(readStepTimes(folder).map((row) => [row.key, row]));
  if (measured.size === 0) return [...runs];
  const found = runs.map(({ config }) => rowOf(config, measured));
  if (found.includes(undefined)) return [...runs];
  return runs.map((one, index) => ({ ...one, run: { ...one.run, timed: found[index] } }));
}

/** The row of a setting, under any name that it has had. */
function rowOf(config: ExperimentConfig, measured: ReadonlyMap<string, StepTimeRow>): StepTimeRow | undefined {
  const key = timeKeys(config).find((name) => measured.has(name));
  return key === undefined ? undefined : measured.get(key);
}
