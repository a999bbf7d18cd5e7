import type { SweptRun } from '../../results/read-sweep.js';
import type { ReportData } from '../report-data.js';
import type { SettingRow } from '../../analysis/sweep-summary.js';

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

/** Among the longest trainings of some settings those with the lowest mean final loss. */
export function longestWithLowestLoss(data: ReportData, rows: readonly SettingRow[]): SettingRow {
  const tokensOf = (row: SettingRow) => {
    const { train } = runsOf(data, row)[0]!.config;
    return train.steps * train.batch_tokens;
  };
  const longest = Math.max(...rows.map(tokensOf));
  const candidates = rows.filter((row) => tokensOf(row) === longest);
  return candidates.reduce((one, other) => (lossOf(other) < lossOf(one) ? other : one));
}

/** The trainings of a setting. */
export function runsOf({ sweep }: ReportData, { tasks, label }: SettingRow): SweptRun[] {
  return tasks.map(({ id }) => sweep.runs.find((run) => run.id === id && run.optimizer === label)!);
}

/** What its trainings were asked for. */
export function stepsOf({ tasks }: SettingRow): number {
  return tasks[0]!.summary.steps;
}

function lossOf({ statistics }: SettingRow): number {
  return statistics.final_loss?.mean ?? Infinity;
}
