import { countText, ratioText } from '../../format.js';
import { tableWidth, textTable, type Column } from '../../text-table.js';
import { baselineRow, stepRatio } from '../../analysis/over-baseline.js';
import type { StepTimeRow } from '../../results/step-time-row.js';

export interface StepTimesTextOptions {
  /** Characters a line may have. */
  readonly width: number;
  readonly dim: (text: string) => string;
}

/** Lines of a table, a row a setting, with as many columns as there is room for. */
export function stepTimesTable(
  rows: readonly StepTimeRow[],
  baseline: string,
  { width, dim }: StepTimesTextOptions,
): string[] {
  const column = (title: string[], text: (row: StepTimeRow) => string, align: 'left' | 'right' = 'right'): Column => {
    return { title, align, cells: rows.map((row) => ({ text: text(row) })) };
  };
  const ms = (value: number) => (Number.isNaN(value) ? '–' : value.toFixed(value < 100 ? 1 : 0));
  const overBaseline = (row: StepTimeRow) => {
    const base = baselineRow(rows, row, baseline);
    return base === undefined ? '–' : ratioText(stepRatio(row, base).value);
  };
  const columns: readonly Column[] = [
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
  const fitting = columns
    .map((_, index) => columns.slice(0, columns.length - index))
    .filter((some) => some.length >= 3);
  return textTable(fitting.find((some) => tableWidth(some) <= width) ?? fitting.at(-1)!, dim);
}
