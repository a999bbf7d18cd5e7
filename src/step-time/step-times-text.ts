import { countText, ratioText } from '../report/format.js';
import { textTable, type Column } from '../text-table.js';
import { baselineRow, stepRatio } from './over-baseline.js';
import type { StepTimeRow } from './step-time-row.js';

/** Lines of a table, a row a setting. */
export function stepTimesTable(
  rows: readonly StepTimeRow[],
  baseline: string,
  dim: (text: string) => string,
): string[] {
  const column = (title: string[], text: (row: StepTimeRow) => string, align: 'left' | 'right' = 'right'): Column => {
    return { title, align, cells: rows.map((row) => ({ text: text(row) })) };
  };
  const ms = (value: number) => (Number.isNaN(value) ? '–' : value.toFixed(value < 100 ? 1 : 0));
  const overBaseline = (row: StepTimeRow) => {
    const base = baselineRow(rows, row, baseline);
    return base === undefined ? '–' : ratioText(stepRatio(row, base).value);
  };
  const columns = [
    column(['setting'], ({ setting }) => setting, 'left'),
    column(['ms', 'a step'], ({ step_ms_mean }) => ms(step_ms_mean)),
    column(['over', baseline], overBaseline),
    column(['fastest', 'round'], ({ step_ms_low }) => ms(step_ms_low)),
    column(['slowest', 'round'], ({ step_ms_high }) => ms(step_ms_high)),
    column(['without', 'refresh'], ({ step_ms_median }) => ms(step_ms_median)),
    column(['a refresh', 'adds'], ({ refresh_ms }) => ms(refresh_ms)),
    column(['of it', 'optimizer'], ({ optimizer_ms }) => ms(optimizer_ms)),
    column(['tokens', 'a second'], ({ tokens_per_s }) => countText(tokens_per_s)),
  ];
  return textTable(columns, dim);
}
