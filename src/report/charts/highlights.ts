import { longestWithLowestLoss } from '../../analysis/longest.js';
import type { ReportData } from '../report-data.js';
import type { SettingRow } from '../../analysis/summary.js';

/** With this many settings or fewer each is shown in full. */
const fewSettings = 6;

/**
 * The settings that a chart of many shows in full: of every label, among its longest trainings, the one with the lowest mean
 * final loss. The others stay in the background.
 */
export function highlightedSettings(data: ReportData): ReadonlySet<SettingRow> {
  const { rows } = data.summary;
  if (rows.length <= fewSettings) return new Set(rows);
  const labels = [...new Set(rows.map(({ label }) => label))];
  const best = labels.map((label) =>
    longestWithLowestLoss(
      data,
      rows.filter((row) => row.label === label),
    ),
  );
  return new Set(best);
}
