import { overheadCurves, type OverheadRow } from '../../analysis/step-overhead.js';
import { csvText } from '../../files/csv.js';
import { countText, decimalText } from '../../format.js';
import type { StepTimeRow } from '../../results/step-time-row.js';
import { numberCell, tableOf, type Column, type ReportTable } from '../../table/table.js';

const numbers = [
  'precondition_frequency',
  'overhead_percent',
  'overhead_percent_low',
  'overhead_percent_high',
  'plain_overhead_percent',
] as const satisfies readonly (keyof OverheadRow)[];

interface NamedRow extends OverheadRow {
  readonly name: string;
}

/** Overheads in percent; those of steps without refresh are the floor to which they fall. */
export function overheadTable(stepTimes: readonly StepTimeRow[], baseline: string): ReportTable[] {
  const curves = overheadCurves(stepTimes, baseline);
  const rows = curves.flatMap(({ title, rows: own }) => own.map((row): NamedRow => ({ name: title, ...row })));
  if (rows.length === 0) return [];
  return [
    {
      id: 'overhead',
      title: `Step time over ${baseline}’s by refresh frequency`,
      csv: csvText([['name', ...numbers], ...rows.map((row) => [row.name, ...numbers.map((name) => row[name])])]),
      ...tableOf<NamedRow>(
        rows,
        [
          { title: 'optimizer', cell: ({ name }) => name },
          {
            title: 'steps between refreshes',
            align: 'right',
            key: 'precondition_frequency',
            cell: (row) => numberCell(row.precondition_frequency, countText),
          },
          percent('overhead', 'overhead_percent'),
          percent('from', 'overhead_percent_low'),
          percent('to', 'overhead_percent_high'),
          percent('without refreshes', 'plain_overhead_percent'),
        ],
        {
          notes: [
            `By how much a step takes longer than ${baseline}’s: the mean over rounds, with its 95% interval.`,
            'Without refreshes: of the steps between two refreshes.',
          ],
        },
      ),
    },
  ];
}

function percent(title: string, key: Exclude<(typeof numbers)[number], 'precondition_frequency'>): Column<NamedRow> {
  return { title, align: 'right', key, cell: (row) => numberCell(row[key], percentText) };
}

function percentText(percents: number): string {
  return `${decimalText(percents, 1)}%`;
}
