import { mean } from '../statistics/mean.js';
import type { SettingRow } from './summary.js';

/** The mean over the runs of a setting that reached the target; undefined where none did. */
export function meanReached(
  { tasks }: SettingRow,
  measure: 'steps_to_target' | 'train_time_to_target_s',
): number | undefined {
  const reached = tasks.map(({ row }) => row[measure] ?? NaN).filter(Number.isFinite);
  return reached.length === 0 ? undefined : mean(reached);
}
