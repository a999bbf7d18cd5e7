import { csvText } from '../../files/csv.js';
import { plainStepRatio, stepRatio, type TimeRatio } from '../../analysis/over-baseline.js';
import type { StepTimeRow } from '../../results/step-time-row.js';
import { stepTimesCsv } from '../../results/step-times-csv.js';
import { countText, timeText } from '../../format.js';
import type { ReportData } from '../report-data.js';
import { buildTable, column, type Table, type TableCell } from '../tables/table.js';
import { percentOver } from './overhead-chart.js';
import { spaceAndTimeTable } from './space-and-time-table.js';
import { timeRatioText } from './time-ratio-text.js';
import { comparedRows, frequencyCurves, type ComparedRow } from './timed-rows.js';

/** What was timed apart from training: every setting, the overhead by refresh frequency, and what the paper's formulas say. */
export function stepTimeTables(data: ReportData): Table[] {
  if (data.stepTimes.length === 0) return [];
  return [stepTimesTable(data), ...overheadTable(data), ...spaceAndTimeTable(data)];
}

function stepTimesTable(data: ReportData): Table {
  const { stepTimes: rows, sweep } = data;
  const compared = new Map(comparedRows(data).map((one) => [one.row.key, one]));
  const ms = (name: keyof StepTimeRow & `${string}_ms${string}`) =>
    rows.map((row): TableCell => {
      const value = row[name] as number;
      return { text: Number.isNaN(value) ? '–' : timeText(value / 1000), column: name, value };
    });
  const over = (ratio: (row: StepTimeRow, base: StepTimeRow) => TimeRatio) =>
    rows.map(({ key }): TableCell => {
      const found = compared.get(key);
      const text = found === undefined ? NaN : ratio(found.row, found.base);
      return { text: typeof text === 'number' || Number.isNaN(text.value) ? '–' : timeRatioText(text) };
    });
  const { rounds } = rows[0]!;
  return buildTable(
    {
      id: 'step-times',
      title: 'Step times, measured apart from training',
      note:
        `Medians over ${rounds} ${rounds === 1 ? 'round' : 'rounds'} of whole periods; ratios are means over rounds ` +
        `${rounds === 1 ? '(one round has no interval)' : 'with their 95% interval'}. Settings that differ only in what cannot change the time of a step share a row.`,
      csv: stepTimesCsv(rows),
    },
    [
      column(
        'setting',
        'left',
        rows.map(({ setting }) => ({ text: setting })),
      ),
      column('a step', 'right', ms('step_ms_mean')),
      column(`over ${sweep.baseline}`, 'right', over(stepRatio)),
      column('without refresh', 'right', ms('step_ms_median')),
      column(`over ${sweep.baseline}`, 'right', over(plainStepRatio)),
      column('a refresh adds', 'right', ms('refresh_ms')),
      column('forward and backward', 'right', ms('gradient_ms')),
      column('optimizer', 'right', ms('optimizer_ms')),
      column(
        'tokens a second',
        'right',
        rows.map(({ tokens_per_s }) => ({
          text: countText(tokens_per_s),
          column: 'tokens_per_s',
          value: tokens_per_s,
        })),
      ),
    ],
  );
}

/** Overheads in percent; those of steps without refresh are the floor to which they fall. */
function overheadTable(data: ReportData): Table[] {
  const rows = [...frequencyCurves(data)].flatMap(([name, own]) => own.map((one) => ({ name, ...overheadOf(one) })));
  if (rows.length === 0) return [];
  type Row = (typeof rows)[number];
  const percent = (name: Exclude<keyof Row, 'name'>) =>
    rows.map((row): TableCell => {
      const value = row[name];
      return { text: Number.isNaN(value) ? '–' : `${value.toFixed(1).replace('-', '−')}%`, column: name, value };
    });
  const { baseline } = data.sweep;
  const columns = Object.keys(rows[0]!) as (keyof Row)[];
  return [
    buildTable(
      {
        id: 'overhead',
        title: `Step time over ${baseline}’s by refresh frequency`,
        note:
          `By how much a step takes longer than ${baseline}’s: the mean over rounds, with its 95% interval. ` +
          'Without refreshes: of the steps between two refreshes.',
        csv: csvText([columns, ...rows.map((row) => columns.map((name) => row[name]))]),
      },
      [
        column(
          'optimizer',
          'left',
          rows.map(({ name }) => ({ text: name })),
        ),
        column(
          'steps between refreshes',
          'right',
          rows.map(({ precondition_frequency: value }) => ({
            text: countText(value),
            column: 'precondition_frequency',
            value,
          })),
        ),
        column('overhead', 'right', percent('overhead_percent')),
        column('from', 'right', percent('overhead_percent_low')),
        column('to', 'right', percent('overhead_percent_high')),
        column('without refreshes', 'right', percent('plain_overhead_percent')),
      ],
    ),
  ];
}

function overheadOf({ row, base }: ComparedRow) {
  const ratio = stepRatio(row, base);
  return {
    precondition_frequency: row.precondition_frequency,
    overhead_percent: percentOver(ratio.value),
    overhead_percent_low: percentOver(ratio.low),
    overhead_percent_high: percentOver(ratio.high),
    plain_overhead_percent: percentOver(plainStepRatio(row, base).value),
  };
}
