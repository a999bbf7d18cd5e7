import type { EfficiencyRow, Ratios } from '../../analysis/efficiency/efficiency.js';
import { intervalText, rowRatioText } from '../../analysis/efficiency/ratio-text.js';
import { countText, lossText } from '../../format.js';
import { numberCell, tableOf, type Column, type ReportTable } from '../../table/table.js';
import { efficiencyCsv } from '../csv/efficiency-csv.js';
import { methodTexts } from '../text/efficiency-text.js';

/**
 * Iterations and time at equal loss, a row for every optimizer and method.
 * @param notes What else belongs below it: how runs were timed and chosen.
 */
export function efficiencyTable(rows: readonly EfficiencyRow[], notes: readonly string[] = []): ReportTable {
  const isGrouped = rows.some(({ group }) => group !== '');
  const found = rows.filter(({ note }) => note === '');
  const isElapsedKnown = found.length === 0 || found.some(({ elapsed_ratio }) => !Number.isNaN(elapsed_ratio.value));
  return {
    id: 'efficiency',
    title: 'Iterations and time at equal loss',
    csv: efficiencyCsv(rows),
    ...tableOf<EfficiencyRow>(
      rows,
      [
        { title: 'optimizer', cell: ({ title, group }) => (isGrouped ? `${title} (${group})` : title) },
        { title: 'method', cell: ({ method }) => methodTexts[method] },
        { title: 'n', align: 'right', priority: 2, cell: ({ seeds }) => String(seeds.length) },
        { title: 'at loss', align: 'right', key: 'loss', cell: ({ loss }) => known(loss, lossText) },
        { title: 'iterations', align: 'right', key: 'steps', cell: ({ steps }) => known(steps, countText) },
        ratio('iterations\nover baseline', 'steps_ratio'),
        ratio('time\nover baseline', 'time_ratio'),
        ...(isElapsedKnown ? [{ ...ratio('elapsed\nover baseline', 'elapsed_ratio'), priority: 1 }] : []),
        {
          title: 'note',
          below: 'always',
          cell: ({ note }) => ({ text: note, tone: note === '' ? undefined : 'warning' }),
        },
      ],
      {
        notes: [
          'From trainings of several lengths, each with its own schedule.',
          'Time is iterations times the measured step time; ' +
            (isElapsedKnown
              ? 'elapsed is training and evaluation as they went by.'
              : 'what went by is no measure here, as others were trained beside.'),
          'Nothing is extrapolated. [ ]: 95% interval from seeds and from the fit.',
          ...notes,
        ],
      },
    ),
  };
}

/** Empty where the row has a note instead. */
function known(value: number | null, text: (value: number) => string) {
  return value === null ? { text: '', value } : numberCell(value, text);
}

function ratio(title: string, key: keyof Ratios): Column<EfficiencyRow> {
  return {
    title,
    align: 'right',
    key,
    cell: (row) => ({
      text: key === 'elapsed_ratio' ? intervalText(row[key]) : rowRatioText(row, key),
      value: row[key].value,
    }),
  };
}
