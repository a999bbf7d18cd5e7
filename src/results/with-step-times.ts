import type { RunConfig } from '../config/run-config.js';
import { timeKeys } from '../config/sweep/time-key.js';
import type { StepTimeRow } from './step-time-row.js';

/**
 * The runs of a folder with the step times that were measured apart. All get theirs or none does: times of two clocks
 * do not compare.
 */
export function withStepTimes<T extends {
  readonly config: RunConfig;
  readonly run: { readonly timed?: StepTimeRow | undefined };
}>(
  stepTimes: readonly StepTimeRow[],
  runs: readonly T[],
): T[] {
  const measured = new Map(stepTimes.map((row) => [row.key, row]));
  if (measured.size === 0) return [...runs];
  const found = runs.map(({ config }) => rowOf(config, measured));
  if (found.includes(undefined)) return [...runs];
  return runs.map((one, index) => ({ ...one, run: { ...one.run, timed: found[index] } }));
}

/** The row of a setting, under any name that it has had. */
function rowOf(config: RunConfig, measured: ReadonlyMap<string, StepTimeRow>): StepTimeRow | undefined {
  const key = timeKeys(config).find((name) => measured.has(name));
  return key === undefined ? undefined : measured.get(key);
}
