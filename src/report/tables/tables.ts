import { efficiencyCsv } from '../csv/efficiency-csv.js';
import { methodTexts } from '../text/efficiency-text.js';
import { intervalText } from '../../analysis/efficiency/ratio-text.js';
import { rowRatioText } from '../../analysis/efficiency/ratio-text.js';
import {
  bytesText,
  countText,
  deviationText,
  lossText,
  lrText,
  millisecondsText,
  ratioText,
  timeText,
  type NumberText,
} from '../../format.js';
import type { ReportData } from '../report-data.js';
import type { Statistics } from '../../statistics/statistics.js';
import {
  hasTimes,
  isMeasured,
  measuredLine,
  roundsLine,
  sharedMachineLine,
  stateText,
  type SummaryRow,
} from '../../analysis/summary.js';
import { selectionLine } from '../../analysis/selection.js';
import { settingsCsv, tasksCsv } from '../csv/sweep-csv.js';
import { isTime, type SettingRow, type SweepMeasure } from '../../analysis/sweep-summary.js';
import { buildTable, column, type Table, type TableCell } from './table.js';
import { stepTimeTables } from '../step-times/step-time-tables.js';
import { tuningTable } from './tuning-table.js';

/** The tables of a directory: its settings, efficiency where trainings have several lengths, what was tuned and timed, every run. */
export function tablesOf(data: ReportData): Table[] {
  if (data.isTimedOnly) return stepTimeTables(data);
  return [
    settingsTable(data),
    ...(data.efficiency.length === 0 ? [] : [efficiencyTable(data)]),
    ...(data.summary.tuning.length === 0 ? [] : [tuningTable(data.summary.tuning)]),
    ...stepTimeTables(data),
    runsTable(data),
  ];
}

function settingsTable({ summary }: ReportData): Table {
  const { rows } = summary;
  const oneContest = rows.filter(({ isBaseline }) => isBaseline).length === 1;
  const measured = (measure: SweepMeasure, text: NumberText, missed: string) => {
    const means = rows.map(({ statistics }) => statistics[measure]?.mean ?? NaN);
    const best = Math.min(...means.filter(Number.isFinite));
    // Trainings of several lengths or batch sizes are not one contest.
    const marks = oneContest && means.filter(Number.isFinite).length > 1 && means.some((mean) => mean > best);
    return rows.map((row, i): TableCell => {
      const found = row.statistics[measure];
      const named = { column: `${measure}_mean`, value: found?.mean ?? null };
      if (found === undefined && isTime(measure) && row.tasks.some(lacksTimes)) return { ...named, text: '–' };
      if (found === undefined) return { ...named, text: unfinishedText(row), trouble: true };
      if (found.mean === Infinity) return { ...named, text: missed, trouble: true };
      return { ...named, text: statisticsText(found, measure, text), best: marks && means[i] === best };
    });
  };
  const target =
    summary.target === 'baseline_final' ? `${summary.baseline}’s final loss` : `a loss of ${summary.target}`;
  return buildTable(
    {
      id: 'settings',
      title: 'Results',
      note:
        `Target: ${target}. ± is the standard deviation between seeds, [ ] the 95% interval of the mean. ` +
        `Losses are validation losses in nats a token.${oneContest ? ' Bold: lowest of its column.' : ''}` +
        (rows.some(({ tasks }) => tasks.some(({ row }) => isMeasured(row))) ? ` ${measuredLine} ${roundsLine}` : '') +
        (rows.some(({ tasks }) => tasks.some(lacksTimes)) ? ` ${sharedMachineLine}` : '') +
        selectionText(summary),
      csv: settingsCsv(summary),
    },
    [
      column(
        'setting',
        'left',
        rows.map(({ title, isBaseline }) => ({ text: isBaseline ? `${title} (baseline)` : title })),
      ),
      column(
        'lr',
        'right',
        rows.map(({ tasks }) => ({ text: lrText(tasks[0]!.row.lr), column: 'lr', value: tasks[0]!.row.lr })),
      ),
      column(
        'n',
        'right',
        rows.map(({ statistics }) => ({ text: String(statistics.final_loss?.n ?? 0) })),
      ),
      column('final loss', 'right', measured('final_loss', lossText, 'diverged')),
      column('iterations to target', 'right', measured('steps_to_target', countText, 'not reached')),
      column('over baseline', 'right', measured('steps_ratio', ratioText, 'not reached')),
      column('time to target', 'right', measured('train_time_to_target_s', timeText, 'not reached')),
      column('over baseline', 'right', measured('time_ratio', ratioText, 'not reached')),
    ],
  );
}

function efficiencyTable({ efficiency: rows, sweep, summary }: ReportData): Table {
  const grouped = rows.some(({ group }) => group !== '');
  const found = rows.filter(({ note }) => note === '');
  const elapsedKnown = found.length === 0 || found.some(({ elapsed_ratio }) => !Number.isNaN(elapsed_ratio.value));
  const ratio = (name: 'steps_ratio' | 'time_ratio' | 'elapsed_ratio') =>
    rows.map((row): TableCell => {
      const text = name === 'elapsed_ratio' ? intervalText(row[name]) : rowRatioText(row, name);
      return { text, column: name, value: row[name].value };
    });
  return buildTable(
    {
      id: 'efficiency',
      title: 'Iterations and time at equal loss',
      note:
        'From trainings of several lengths, each with its own schedule. Time is iterations times the measured step time; ' +
        (elapsedKnown
          ? 'elapsed is training and evaluation as they went by. '
          : 'what went by is no measure here, as others were trained beside. ') +
        'Nothing is extrapolated. [ ]: 95% interval from seeds and from the fit.' +
        (sweep.runs.some(({ run }) => run.timed !== undefined) ? ` ${roundsLine}` : '') +
        selectionText(summary),
      csv: efficiencyCsv(rows),
    },
    [
      column(
        'optimizer',
        'left',
        rows.map(({ title, group }) => ({ text: grouped ? `${title} (${group})` : title })),
      ),
      column(
        'method',
        'left',
        rows.map(({ method }) => ({ text: methodTexts[method] })),
      ),
      column(
        'n',
        'right',
        rows.map(({ seeds }) => ({ text: String(seeds.length) })),
      ),
      column(
        'at loss',
        'right',
        rows.map(({ loss }) => ({ text: loss === null ? '' : lossText(loss), column: 'loss', value: loss })),
      ),
      column(
        'iterations',
        'right',
        rows.map(({ steps }) => ({ text: steps === null ? '' : countText(steps), column: 'steps', value: steps })),
      ),
      column('over baseline', 'right', ratio('steps_ratio')),
      column('time', 'right', ratio('time_ratio')),
      ...(elapsedKnown ? [column('elapsed', 'right', ratio('elapsed_ratio'))] : []),
      column(
        'note',
        'left',
        rows.map(({ note }) => ({ text: note, trouble: note !== '' })),
      ),
    ],
  );
}

function selectionText(summary: ReportData['summary']): string {
  const line = selectionLine(summary);
  return line === '' ? '' : ` ${line}`;
}

function runsTable({ summary }: ReportData): Table {
  const tasks = summary.rows.flatMap(({ title, tasks: own }) => own.map((task) => ({ title, ...task })));
  const areMeasured = tasks.some(({ row }) => isMeasured(row));
  const measured = (name: keyof SummaryRow, text: (value: number) => string, missed = 'not reached') =>
    tasks.map(({ row }): TableCell => {
      const value = row[name] as number | null;
      const cell = { column: name, value };
      if (row.shared_machine && isOwnClock(name, row)) return { ...cell, text: '–' };
      if (value === null || Number.isNaN(value)) return { ...cell, text: 'unknown' };
      return value === Infinity ? { ...cell, text: missed, trouble: true } : { ...cell, text: text(value) };
    });
  return buildTable(
    {
      id: 'runs',
      title: 'Every run',
      note:
        (areMeasured
          ? measuredLine
          : 'Step time is training time over whole periods of the optimizer, without the first step.') +
        (tasks.some(lacksTimes) ? ` ${sharedMachineLine}` : ''),
      csv: tasksCsv(summary),
    },
    [
      column(
        'setting',
        'left',
        tasks.map(({ title }) => ({ text: title })),
      ),
      column(
        'seed',
        'right',
        tasks.map(({ row }) => ({ text: String(row.seed), column: 'seed', value: row.seed })),
      ),
      column(
        'state',
        'left',
        tasks.map(({ row, summary: { steps } }) => ({ text: stateText(row, steps), trouble: isTrouble(row) })),
      ),
      column('final loss', 'right', measured('final_loss', lossText, 'diverged')),
      column('best loss', 'right', measured('best_loss', lossText, 'diverged')),
      column('target', 'right', measured('target', lossText)),
      column('iterations to target', 'right', measured('steps_to_target', countText)),
      column('time to target', 'right', measured('train_time_to_target_s', timeText)),
      column('a step', 'right', measured(areMeasured ? 'measured_step_ms' : 'step_ms_mean', millisecondsText)),
      column(
        'optimizer',
        'right',
        measured('optimizer_share_mean', (share) => `${Math.round(100 * share)}%`),
      ),
      column('state size', 'right', measured('state_bytes', bytesText)),
    ],
  );
}

function lacksTimes({ row }: { row: SummaryRow }): boolean {
  return !hasTimes(row);
}

/** Whether a column is what the run's own clock says. */
function isOwnClock(name: keyof SummaryRow, { measured_step_ms }: SummaryRow): boolean {
  if (name === 'train_time_to_target_s') return measured_step_ms === null;
  return name === 'step_ms_mean' || name === 'optimizer_share_mean';
}

function isTrouble({ state }: SummaryRow): boolean {
  return !['finished', 'stopped_at_target', 'running'].includes(state);
}

/** Why a setting has no number yet. */
function unfinishedText({ tasks }: SettingRow): string {
  const states = tasks.map(({ row }) => row.state);
  const first = (['failed', 'running', 'interrupted', 'not_started'] as const).find((state) => states.includes(state));
  return first === undefined ? 'unknown' : first.replace('_', ' ');
}

function statisticsText(statistics: Statistics, measure: SweepMeasure, text: NumberText): string {
  const { mean, low, high } = statistics;
  if (Number.isNaN(low)) return text(mean);
  if (!measure.endsWith('_ratio')) return deviationText(statistics, text);
  return `${text(mean)} [${low.toFixed(2)}, ${high.toFixed(2)}]`;
}
