import { createColors, type Colors } from '../../terminal.js';
import {
  bytesText,
  countText,
  lossText,
  lrText,
  millisecondsText,
  operationsText,
  ratioText,
  timeText,
  wrapText,
} from '../../format.js';
import {
  hasTimes,
  isMeasured,
  measuredLine,
  sharedMachineLine,
  stateText,
  type Summary,
  type SummaryRow,
} from '../../analysis/summary.js';
import { tableWidth, textTable, type Cell, type Column } from '../../text-table.js';

export interface TableOptions {
  /** Characters a line may have. */
  readonly width: number;
  readonly color: boolean;
}

/** What a column compares: less is better in all of them. */
interface Measure {
  readonly title: readonly string[];
  /** What is said of it when there is no room for it. */
  readonly name: string;
  readonly value: (row: SummaryRow) => number | null;
  readonly text: (value: number, row: SummaryRow) => string;
  /** Whether it is wall-clock time, which runs that shared the machine have none of to compare. */
  readonly isTime?: boolean;
  /** Stands for Infinity. */
  readonly missed?: (row: SummaryRow) => string;
  /** Whether a run takes part in «best»: the loss of half a training is no final loss. */
  readonly competes: (row: SummaryRow) => boolean;
}

function missedTarget({ state }: SummaryRow): string {
  if (state === 'diverged') return 'diverged';
  return state === 'running' || state === 'not_started' ? 'not yet' : 'not reached';
}

/** A run that blew up or crashed is not the best at anything. */
const survived = ({ state }: SummaryRow) => state !== 'diverged' && state !== 'failed';

const finalLoss: Measure = {
  title: ['final', 'val loss'],
  name: 'final validation loss',
  value: ({ final_loss }) => final_loss,
  text: lossText,
  missed: () => 'diverged',
  competes: ({ state }) => state === 'finished',
};

const stepsToTarget: Measure = {
  title: ['iterations', 'to target'],
  name: 'iterations to target',
  value: ({ steps_to_target }) => steps_to_target,
  text: (steps, { steps_ratio }) => countText(steps) + inBrackets(steps_ratio),
  missed: missedTarget,
  competes: survived,
};

const timeToTarget: Measure = {
  title: ['training time', 'to target'],
  name: 'training time to target',
  isTime: true,
  value: ({ train_time_to_target_s }) => train_time_to_target_s,
  text: (seconds, { time_ratio }) => timeText(seconds) + inBrackets(time_ratio),
  missed: missedTarget,
  competes: survived,
};

const stepTime: Measure = {
  title: ['time', 'a step'],
  name: 'step time',
  isTime: true,
  value: ({ step_ms_mean, measured_step_ms }) => measured_step_ms ?? step_ms_mean,
  text: (ms) => millisecondsText(ms),
  competes: survived,
};

const stateSize: Measure = {
  title: ['optimizer', 'state'],
  name: 'optimizer state',
  value: ({ state_bytes }) => state_bytes,
  text: bytesText,
  competes: survived,
};

/** What the optimizer costs besides: counted, and by the SOAP paper's formulas where it has some. */
const accounts: readonly Measure[] = [
  {
    title: ['state by', 'the paper'],
    name: 'optimizer state by the paper',
    value: ({ paper_state_bytes }) => paper_state_bytes,
    text: bytesText,
    competes: () => false,
  },
  {
    title: ['operations', 'over AdamW'],
    name: 'operations over AdamW',
    value: ({ flops_over_adamw }) => flops_over_adamw,
    text: operationsText,
    competes: () => false,
  },
  {
    title: ['these by', 'the paper'],
    name: 'these by the paper',
    value: ({ paper_flops_over_adamw }) => paper_flops_over_adamw,
    text: operationsText,
    competes: () => false,
  },
];

/**
 * The runs of an experiment side by side. The best of a column has an asterisk behind it; missed targets say so.
 * What a narrow terminal has no room for is named below the table.
 */
export function comparisonTable(summary: Summary, { width, color }: TableOptions): string {
  const colors = createColors(color);
  const { rows } = summary;
  const labels: Column = { title: ['optimizer'], align: 'left', cells: rows.map(({ label }) => ({ text: label })) };
  const lr: Column = { title: ['lr'], align: 'right', cells: rows.map((row) => ({ text: lrText(row.lr) })) };
  const notes: Column = { title: ['notes'], align: 'left', cells: rows.map((row) => noteCell(row, summary, colors)) };
  const measures = [finalLoss, stepsToTarget, timeToTarget].map((measure) => measureColumn(measure, rows, colors));
  const costs = [stepTime, stateSize].map((measure) => measureColumn(measure, rows, colors));
  // Runs of earlier versions do not say.
  const known = accounts.filter(({ value }) => rows.some((row) => value(row) !== null));
  const accountColumns = known.map((measure) => measureColumn(measure, rows, colors));
  const accountNames = known.map(({ name }) => name);
  const narrower: [Column[], string[]][] = [
    [[labels, lr, ...measures, ...costs, ...accountColumns, notes], []],
    [[labels, lr, ...measures, ...costs, notes], accountNames],
    [[labels, lr, ...measures, ...costs], accountNames],
    [
      [labels, lr, ...measures, costs[0]!],
      [stateSize.name, ...accountNames],
    ],
    [
      [labels, lr, ...measures],
      [stepTime.name, stateSize.name, ...accountNames],
    ],
    [
      [labels, ...measures],
      ['lr', stepTime.name, stateSize.name, ...accountNames],
    ],
  ];
  const [columns, leftOut] = narrower.find(([some]) => tableWidth(some) <= width) ?? narrower.at(-1)!;
  const below = [
    ...rows.flatMap((row) => noteLine(row, columns.includes(notes) ? '' : noteText(row, summary))),
    ...(rows.some((row) => !hasTimes(row)) ? [sharedMachineLine] : []),
    ...(rows.some(isMeasured) ? [measuredLine] : []),
    ...(leftOut.length === 0 ? [] : [`No room here for: ${leftOut.join(', ')}. summary.csv has them.`]),
    ...(columns.some(({ cells }) => cells.some(({ text }) => text.endsWith('*'))) ? ['* best of its column'] : []),
  ];
  return [...textTable(columns, colors.dim), ...below.map((line) => colors.dim(wrapText(line, width)))].join('\n');
}

function measureColumn(measure: Measure, rows: readonly SummaryRow[], colors: Colors): Column {
  const competing = rows.filter((row) => measure.competes(row) && !isUntimed(measure, row)).map(measure.value);
  const known = competing.filter((value) => value !== null && Number.isFinite(value)) as number[];
  const best = Math.min(...known);
  // Nothing is best among equals.
  const marks = competing.length > 1 && competing.some((value) => value !== null && value > best);
  const cells = rows.map((row): Cell => {
    const value = measure.value(row);
    const isBest = marks && value === best && measure.competes(row) && !isUntimed(measure, row);
    const cell = measureCell(measure, value, row, colors);
    if (isBest) return { text: `${cell.text}*`, style: (text) => colors.bold(colors.green(text)) };
    return marks ? { ...cell, text: `${cell.text} ` } : cell;
  });
  return { title: measure.title.map((line) => (marks ? `${line} ` : line)), align: 'right', cells };
}

function isUntimed({ isTime }: Measure, row: SummaryRow): boolean {
  return isTime === true && !hasTimes(row);
}

function measureCell(measure: Measure, value: number | null, row: SummaryRow, colors: Colors): Cell {
  const { text, missed } = measure;
  if (isUntimed(measure, row) && value !== Infinity) return { text: '–', style: colors.dim };
  if (value === null || Number.isNaN(value)) return { text: 'unknown', style: colors.dim };
  if (value < Infinity) return { text: text(value, row) };
  return { text: missed?.(row) ?? 'unknown', style: row.state === 'diverged' ? colors.red : colors.yellow };
}

function noteCell(row: SummaryRow, summary: Summary, colors: Colors): Cell {
  return { text: noteText(row, summary), style: row.state === 'finished' ? colors.dim : colors.yellow };
}

function noteText(row: SummaryRow, { baseline, steps }: Summary): string {
  const parts = [row.label === baseline ? 'baseline' : '', row.state === 'finished' ? '' : stateText(row, steps)];
  return parts.filter((part) => part !== '').join(', ');
}

/** What the table says of a run elsewhere, and why the run ended, below it. */
function noteLine({ label, message = '' }: SummaryRow, note: string): string[] {
  const parts = [note, message].filter((part) => part !== '');
  return parts.length === 0 ? [] : [[label, ...parts].join(': ')];
}

function inBrackets(ratio: number | null): string {
  return ratio === null || ratio === Infinity ? '' : ` (${ratioText(ratio)})`;
}
