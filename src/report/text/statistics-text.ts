import type { SettingRow, Measure } from '../../analysis/summary.js';
import { deviationText, type NumberText } from '../../format.js';

/** What several runs of a setting say of a measure. */
export type Statistics = NonNullable<SettingRow['statistics'][Measure]>;

/** `3.427 ± 0.011`; a ratio with its 95% interval. */
export function statisticsText(statistics: Statistics, measure: Measure, text: NumberText): string {
  return measure.endsWith('_ratio') ? spreadText(statistics, text) : deviationText(statistics, text);
}

/** `0.59× [0.57, 0.61]` */
export function spreadText({ mean, low, high }: Statistics, text: NumberText): string {
  return Number.isNaN(low) ? text(mean) : `${text(mean)} [${low.toFixed(2)}, ${high.toFixed(2)}]`;
}
