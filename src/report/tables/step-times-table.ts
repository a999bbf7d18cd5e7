import { comparedRows } from '../../analysis/timed-settings.js';
import { plainStepRatio, stepRatio, type TimeRatio } from '../../analysis/over-baseline.js';
import { countText, millisecondsText, plural } from '../../format.js';
import type { StepTimeRow } from '../../results/step-time-row.js';
import { stepTimesCsv } from '../../results/step-times-csv.js';
import { numberCell, tableOf, type Column, type ReportTable } from '../../table/table.js';
import { timeRatioText } from '../step-times/time-ratio-text.js';

/** How long a step of every setting takes, measured apart from training. */
export function stepTimesTable(rows: readonly StepTimeRow[], baseline: string): ReportTable {
  const compared = new Map(comparedRows(rows, baseline).map((one) => [one.row.key, one]));
  const { rounds } = rows[0]!;
  const ms = (title: string, key: keyof StepTimeRow & `${string}_ms${string}`, priority?: number) => ({
    title,
    align: 'right' as const,
    key,
    ...(priority !== undefined && { priority }),
    cell: (row: StepTimeRow) => numberCell(row[key] as number, millisecondsText),
  });
  const over = (key: string, ratio: (row: StepTimeRow, base: StepTimeRow) => TimeRatio): Column<StepTimeRow> => ({
    title: `over\n${baseline}`,
    align: 'right',
    key,
    cell: (row) => {
      const found = compared.get(row.key);
      const value = found && ratio(found.row, found.base);
      return numberCell(value?.value, () => timeRatioText(value!));
    },
  });
  return {
    id: 'step-times',
    title: 'Step times, measured apart from training',
    csv: stepTimesCsv(rows),
    ...tableOf<StepTimeRow>(
      rows,
      [
        { title: 'setting', cell: ({ setting }) => setting },
        ms('time\na step', 'step_ms_mean'),
        over('step_ratio', stepRatio),
        ms('fastest\nround', 'step_ms_low', 7),
        ms('slowest\nround', 'step_ms_high', 6),
        ms('without\nrefresh', 'step_ms_median', 5),
        { ...over('plain_step_ratio', plainStepRatio), priority: 2 },
        ms('a refresh\nadds', 'refresh_ms', 4),
        ms('forward and\nbackward', 'gradient_ms', 1),
        ms('optimizer', 'optimizer_ms', 4),
        {
          title: 'tokens\na second',
          align: 'right',
          key: 'tokens_per_s',
          priority: 3,
          cell: ({ tokens_per_s }) => numberCell(tokens_per_s, countText),
        },
      ],
      {
        notes: [
          `Medians over ${plural(rounds, 'round')} of whole periods; ratios are means over rounds ` +
            `${rounds === 1 ? '(one round has no interval)' : 'with their 95% interval'}.`,
          'Settings that differ only in what cannot change the time of a step share a row.',
        ],
      },
    ),
  };
}
