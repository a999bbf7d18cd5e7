import { hasTimes, isMeasured, measuredLine, sharedMachineLine } from '../../analysis/comparison.js';
import type { Summary } from '../../analysis/summary.js';
import { tableOf, type ReportTable } from '../../table/table.js';
import { tasksCsv } from '../csv/runs-csv.js';
import { measureColumn, stateCell, type RunLine } from './run-columns.js';

/** A row for every run. */
export function runsTable(summary: Summary): ReportTable {
  const lines = summary.rows.flatMap(({ title, tasks }) =>
    tasks.map(({ row, summary: { steps } }): RunLine => ({ title, row, steps })),
  );
  const areMeasured = lines.some(({ row }) => isMeasured(row));
  return {
    id: 'runs',
    title: 'Every run',
    csv: tasksCsv(summary),
    ...tableOf<RunLine>(
      lines,
      [
        { title: 'setting', cell: ({ title }) => title },
        {
          title: 'seed',
          align: 'right',
          key: 'seed',
          cell: ({ row: { seed } }) => ({ text: String(seed), value: seed }),
        },
        { title: 'state', cell: stateCell },
        measureColumn('finalLoss'),
        measureColumn('bestLoss'),
        measureColumn('target'),
        measureColumn('stepsToTarget'),
        measureColumn('timeToTarget'),
        measureColumn(areMeasured ? 'measuredStepTime' : 'stepTime'),
        measureColumn('optimizerShare'),
        measureColumn('stateSize'),
      ],
      {
        notes: [
          areMeasured
            ? measuredLine
            : 'Step time is training time over whole periods of the optimizer, without the first step.',
          ...(lines.some(({ row }) => !hasTimes(row)) ? [sharedMachineLine] : []),
        ],
      },
    ),
  };
}
