import type { StudyRun } from '../results/study.js';
import type { Analysis } from './analysis.js';
import type { SettingRow } from './summary.js';

/** Among the longest trainings of some settings those with the lowest mean final loss. */
export function longestWithLowestLoss(data: Analysis, rows: readonly SettingRow[]): SettingRow {
  const tokensOf = (row: SettingRow) => {
    const { train } = runsOf(data, row)[0]!.config;
    return train.steps * train.batch_tokens;
  };
  const longest = Math.max(...rows.map(tokensOf));
  const candidates = rows.filter((row) => tokensOf(row) === longest);
  return candidates.reduce((one, other) => (lossOf(other) < lossOf(one) ? other : one));
}

/** The trainings of a setting. */
export function runsOf({ study }: Analysis, { tasks, label }: SettingRow): StudyRun[] {
  return tasks.map(({ id }) => study.runs.find((run) => run.id === id && run.optimizer === label)!);
}

/** What its trainings were asked for. */
export function stepsOf({ tasks }: SettingRow): number {
  return tasks[0]!.summary.steps;
}

function lossOf({ statistics }: SettingRow): number {
  return statistics.final_loss?.mean ?? Infinity;
}
