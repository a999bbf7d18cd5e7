import { hasTimes, stateText, type SummaryRow } from '../../analysis/comparison.js';
import {
  bytesText,
  countText,
  lossText,
  lrText,
  millisecondsText,
  operationsText,
  ratioText,
  timeText,
} from '../../format.js';
import type { Cell, Column } from '../../table/table.js';
import { lowest } from './lowest.js';

/** A run as a row of a table. */
export interface RunLine {
  readonly row: SummaryRow;
  /** The title of its setting. */
  readonly title: string;
  /** Steps that it was asked for. */
  readonly steps: number;
}

/** A number of a run; less is better in all of them. */
interface Measure {
  readonly title: string;
  readonly key: keyof SummaryRow;
  readonly text: (value: number, row: SummaryRow) => string;
  /** Whether it is wall-clock time, which runs that shared the machine have none of to compare. */
  readonly isUntimed?: (row: SummaryRow) => boolean;
  /** Stands for Infinity. */
  readonly missed?: (row: SummaryRow) => string;
  /** Whether a run can be the best: the loss of half a training is no final loss. */
  readonly competes?: (row: SummaryRow) => boolean;
}

/** A run that diverged or crashed is not the best at anything. */
const survived = ({ state }: SummaryRow) => state !== 'diverged' && state !== 'failed';
const lacksTimes = (row: SummaryRow) => !hasTimes(row);
const diverged = () => 'diverged';

const measures = {
  finalLoss: {
    title: 'final\nval loss',
    key: 'final_loss',
    text: lossText,
    missed: diverged,
    competes: ({ state }) => state === 'finished',
  },
  bestLoss: { title: 'best\nval loss', key: 'best_loss', text: lossText, missed: diverged },
  target: { title: 'target', key: 'target', text: lossText },
  stepsToTarget: {
    title: 'iterations\nto target',
    key: 'steps_to_target',
    text: (steps, { steps_ratio }) => countText(steps) + inBrackets(steps_ratio),
    missed: missedTarget,
    competes: survived,
  },
  timeToTarget: {
    title: 'training time\nto target',
    key: 'train_time_to_target_s',
    text: (seconds, { time_ratio }) => timeText(seconds) + inBrackets(time_ratio),
    isUntimed: lacksTimes,
    missed: missedTarget,
    competes: survived,
  },
  stepTime: {
    title: 'time\na step',
    key: 'step_ms_mean',
    text: (ms) => millisecondsText(ms),
    isUntimed: lacksTimes,
    competes: survived,
  },
  measuredStepTime: {
    title: 'time\na step',
    key: 'measured_step_ms',
    text: (ms) => millisecondsText(ms),
    isUntimed: lacksTimes,
    competes: survived,
  },
  optimizerShare: {
    title: 'optimizer\nshare',
    key: 'optimizer_share_mean',
    text: (share) => `${Math.round(100 * share)}%`,
    isUntimed: ({ shared_machine }) => shared_machine,
  },
  stateSize: { title: 'optimizer\nstate', key: 'state_bytes', text: bytesText, competes: survived },
  paperState: { title: 'state by\nthe paper', key: 'paper_state_bytes', text: bytesText },
  operations: { title: 'operations\nover AdamW', key: 'flops_over_adamw', text: operationsText },
  paperOperations: { title: 'these by\nthe paper', key: 'paper_flops_over_adamw', text: operationsText },
} as const satisfies Readonly<Record<string, Measure>>;

export type RunMeasure = keyof typeof measures;

/** A column of numbers of runs. */
export function measureColumn(name: RunMeasure): Column<RunLine> {
  const { title, key, ...measure }: Measure = measures[name];
  return { title, align: 'right', key, cell: ({ row }) => measureCell(measure, row[key], row) };
}

/** The same with the best of these runs marked. */
export function contestColumn(name: RunMeasure, lines: readonly RunLine[]): Column<RunLine> {
  const { competes = () => false, isUntimed = () => false, key }: Measure = measures[name];
  const takesPart = (row: SummaryRow) => competes(row) && !isUntimed(row);
  const best = lowest(lines.filter(({ row }) => takesPart(row)).map(({ row }) => row[key]));
  const column = measureColumn(name);
  return {
    ...column,
    cell: (line, index) => {
      const cell = column.cell(line, index) as Cell;
      return best !== undefined && cell.value === best && takesPart(line.row) ? { ...cell, tone: 'best' } : cell;
    },
  };
}

export const lrColumn: Column<RunLine> = {
  title: 'lr',
  align: 'right',
  key: 'lr',
  cell: ({ row: { lr } }) => ({ text: lrText(lr), value: lr }),
};

/** `diverged at step 37` */
export function stateCell({ row, steps }: RunLine): Cell {
  const isTrouble = !['finished', 'stopped_at_target', 'running'].includes(row.state);
  return { text: stateText(row, steps), tone: isTrouble ? 'warning' : undefined };
}

type CellMeasure = Pick<Measure, 'text' | 'isUntimed' | 'missed'>;

function measureCell({ text, isUntimed, missed }: CellMeasure, value: number | null, row: SummaryRow): Cell {
  if (isUntimed?.(row) === true && value !== Infinity) return { text: '–', value, tone: 'quiet' };
  if (value === null || Number.isNaN(value)) return { text: 'unknown', value, tone: 'quiet' };
  if (value < Infinity) return { text: text(value, row), value };
  return { text: missed?.(row) ?? 'unknown', value, tone: row.state === 'diverged' ? 'trouble' : 'warning' };
}

function missedTarget({ state }: SummaryRow): string {
  if (state === 'diverged') return 'diverged';
  return state === 'running' || state === 'not_started' ? 'not yet' : 'not reached';
}

function inBrackets(ratio: number | null): string {
  return ratio === null || ratio === Infinity ? '' : ` (${ratioText(ratio)})`;
}
