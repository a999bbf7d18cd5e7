import {
  hasTimes,
  isMeasured,
  measuredLine,
  sharedMachineLine,
  type Comparison,
  type SummaryRow,
} from '../../analysis/comparison.js';
import { tableOf, type Table } from '../../table/table.js';
import { contestColumn, lrColumn, measureColumn, stateCell, type RunLine } from './run-columns.js';

/** The runs of an experiment side by side; missed targets say so. */
export function comparisonTable({ rows, baseline, steps }: Comparison): Table {
  const lines = rows.map((row): RunLine => ({ title: row.label, row, steps }));
  const areMeasured = rows.some(isMeasured);
  // Runs of earlier versions do not say what the optimizer costs.
  const costs = [
    ['paperState', 'paper_state_bytes'],
    ['operations', 'flops_over_adamw'],
    ['paperOperations', 'paper_flops_over_adamw'],
  ] as const satisfies readonly (readonly [string, keyof SummaryRow])[];
  const known = costs.filter(([, key]) => rows.some((row) => row[key] !== null));
  return tableOf<RunLine>(
    lines,
    [
      { title: 'optimizer', cell: ({ title }) => title },
      { ...lrColumn, priority: 5 },
      contestColumn('finalLoss', lines),
      contestColumn('stepsToTarget', lines),
      contestColumn('timeToTarget', lines),
      { ...contestColumn(areMeasured ? 'measuredStepTime' : 'stepTime', lines), priority: 4 },
      { ...contestColumn('stateSize', lines), priority: 3 },
      ...known.map(([name]) => ({ ...measureColumn(name), priority: 1 })),
      {
        title: 'notes',
        priority: 2,
        below: 'narrow',
        cell: (line) => {
          const { text } = line.row.state === 'finished' ? { text: '' } : stateCell(line);
          const parts = [line.title === baseline ? 'baseline' : '', text].filter((part) => part !== '');
          return { text: parts.join(', '), tone: line.row.state === 'finished' ? 'quiet' : 'warning' };
        },
      },
      { title: 'message', below: 'always', cell: ({ row }) => row.message ?? '' },
    ],
    {
      notes: [
        ...(rows.some((row) => !hasTimes(row)) ? [sharedMachineLine] : []),
        ...(areMeasured ? [measuredLine] : []),
      ],
      best: 'best of its column',
    },
  );
}
