import { selectionLine } from '../../analysis/selection.js';
import { hasTimes, isMeasured, measuredLine, roundsLine, sharedMachineLine } from '../../analysis/comparison.js';
import { isTime, type SettingRow, type Measure, type Summary } from '../../analysis/summary.js';
import { countText, lossText, lrText, ratioText, timeText, type NumberText } from '../../format.js';
import { tableOf, type Cell, type Column, type ReportTable } from '../../table/table.js';
import { settingsCsv } from '../csv/settings-csv.js';
import { statisticsText } from '../text/statistics-text.js';
import { lowest } from './lowest.js';

/** A row a setting; numbers of several seeds are means with standard deviation, ratios with their 95% interval. */
export function settingsTable(summary: Summary): ReportTable {
  const { rows } = summary;
  // Runs of several lengths or batch sizes are not one contest.
  const isOneContest = rows.filter(({ isBaseline }) => isBaseline).length === 1;
  const measured = (title: string, measure: Measure, text: NumberText, missed: string): Column<SettingRow> => {
    const best = isOneContest ? lowest(rows.map(({ statistics }) => statistics[measure]?.mean)) : undefined;
    return {
      title,
      align: 'right',
      key: `${measure}_mean`,
      cell: (row) => measuredCell(row, measure, text, missed, best),
    };
  };
  return {
    id: 'settings',
    title: 'Results',
    csv: settingsCsv(summary),
    ...tableOf<SettingRow>(
      rows,
      [
        { title: 'setting', cell: nameText },
        { title: 'lr', align: 'right', key: 'lr', priority: 2, cell: ({ tasks }) => lrCell(tasks[0]!.row.lr) },
        { title: 'n', align: 'right', cell: ({ statistics }) => String(statistics.final_loss?.n ?? 0) },
        measured('final\nval loss', 'final_loss', lossText, 'diverged'),
        { ...measured('iterations\nto target', 'steps_to_target', countText, 'not reached'), priority: 3 },
        measured('iterations\nover baseline', 'steps_ratio', ratioText, 'not reached'),
        { ...measured('training time\nto target', 'train_time_to_target_s', timeText, 'not reached'), priority: 1 },
        { ...measured('time\nover baseline', 'time_ratio', ratioText, 'not reached'), priority: 4 },
      ],
      { notes: notesOf(summary), best: 'lowest of its column' },
    ),
  };
}

/** What there is to know of the numbers that are there. */
function notesOf(summary: Summary): string[] {
  const { rows, baseline } = summary;
  const target = summary.target === 'baseline_final' ? `${baseline}’s final loss` : `a loss of ${summary.target}`;
  const isSeveral = rows.some(({ statistics }) => (statistics.final_loss?.n ?? 0) > 1);
  const selection = selectionLine(summary);
  return [
    `Target: ${target}. Losses are validation losses in nats a token.`,
    ...(isSeveral ? ['± is the standard deviation between seeds, [ ] the 95% interval of the mean.'] : []),
    ...(rows.some(({ tasks }) => tasks.some(({ row }) => isMeasured(row)))
      ? [isSeveral ? `${measuredLine} ${roundsLine}` : measuredLine]
      : []),
    ...(rows.some(lacksTimes) ? [sharedMachineLine] : []),
    ...(rows.some(({ edges }) => edges.length > 0) ? ['(edge): its best value is the smallest or largest tried.'] : []),
    ...(selection === '' ? [] : [selection]),
  ];
}

function nameText({ title, isBaseline, edges }: SettingRow): string {
  return title + (isBaseline ? ' (baseline)' : '') + (edges.length > 0 ? ' (edge)' : '');
}

function lrCell(lr: number): Cell {
  return { text: lrText(lr), value: lr };
}

function measuredCell(
  row: SettingRow,
  measure: Measure,
  text: NumberText,
  missed: string,
  best: number | undefined,
): Cell {
  const found = row.statistics[measure];
  const value = found?.mean ?? null;
  if (found === undefined && isTime(measure) && lacksTimes(row)) return { text: '–', value };
  if (found === undefined) return { text: unfinishedText(row), value, tone: 'warning' };
  if (found.mean === Infinity) return { text: missed, value, tone: missed === 'diverged' ? 'trouble' : 'warning' };
  return { text: statisticsText(found, measure, text), value, tone: value === best ? 'best' : undefined };
}

function lacksTimes({ tasks }: SettingRow): boolean {
  return tasks.some(({ row }) => !hasTimes(row));
}

/** Why a setting has no number yet. */
function unfinishedText({ tasks }: SettingRow): string {
  const states = tasks.map(({ row }) => row.state);
  const first = (['failed', 'running', 'interrupted', 'not_started'] as const).find((state) => states.includes(state));
  return first === undefined ? 'unknown' : first.replace('_', ' ');
}
