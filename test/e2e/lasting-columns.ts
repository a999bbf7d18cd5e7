import type { Workspace } from './command.js';

/** Columns that hold times and memory, which no two runs share. */
const passing = ['step_ms', 'optimizer_share', 'train_time_s', 'eval_time_s', 'rss_bytes'];

/** The text of all other columns of a run's metrics.csv and eval.csv. */
export function lossColumns(place: Workspace, folder: string, label: string): Record<string, string>[][] {
  return ['metrics.csv', 'eval.csv'].map((file) =>
    place
      .csv(folder, 'runs', label, file)
      .map((row) => Object.fromEntries(Object.entries(row).filter(([column]) => !passing.includes(column)))),
  );
}
