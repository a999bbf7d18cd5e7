import { createColors, type Colors } from '../../terminal.js';
import type { FoundExperiment } from '../../results/find.js';
import { foundStates, type FoundState } from '../../results/found-state.js';
import { tableWidth, textTable, type Cell, type Column } from '../../text-table.js';
import { countText, lossText, lrText, timeText } from '../../format.js';
import { runRow, type RunRow } from '../../analysis/run-rows.js';
import { clockText } from './since.js';

export interface TableOptions {
  /** Characters a line may have. */
  readonly width: number;
  readonly color: boolean;
}

/** A line a run. What a narrow terminal has no room for is left out, from the right. */
export function runTable(rows: readonly RunRow[], { width, color }: TableOptions): string {
  const colors = createColors(color);
  const column = (title: string, align: Column['align'], cellOf: (row: RunRow) => Cell): Column => {
    return { title: [title], align, cells: rows.map(cellOf) };
  };
  const run = column('run', 'left', ({ run }) => ({ text: run }));
  const setting = column('setting', 'left', ({ setting }) => ({ text: setting }));
  const lr = column('lr', 'right', (row) => ({ text: row.lr === null ? '–' : lrText(row.lr) }));
  const seed = column('seed', 'right', (row) => ({ text: String(row.seed ?? '–') }));
  const state = column('state', 'left', (row) => stateCell(row, colors));
  const loss = column('val loss', 'right', (row) => ({ text: lossOf(row) }));
  const time = column('training', 'right', (row) => ({
    text: row.train_time_s === null ? '–' : timeText(row.train_time_s),
  }));
  const started = column('started', 'left', (row) => ({
    text: row.started_at === null ? '–' : clockText(row.started_at),
  }));
  // In a plain experiment the name ends with it.
  const isInName = rows.every(({ run, setting }) => run.endsWith(`/${setting}`));
  const settings = isInName ? [] : [setting];
  const narrower = [
    [run, ...settings, lr, seed, state, loss, time, started],
    [run, ...settings, lr, seed, state, loss, started],
    [run, ...settings, seed, state, loss, started],
    [run, ...settings, seed, state, loss],
    [run, ...settings, state, loss],
    [run, state, loss],
  ];
  return textTable(narrower.find((some) => tableWidth(some) <= width) ?? narrower.at(-1)!, colors.dim).join('\n');
}

/** A line an experiment. */
export function experimentTable(experiments: readonly FoundExperiment[], { width, color }: TableOptions): string {
  const colors = createColors(color);
  const rows = experiments.map(experimentRow);
  const column = (title: string, align: Column['align'], textOf: (row: ExperimentRow) => string): Column => {
    return { title: [title], align, cells: rows.map((row) => ({ text: textOf(row) })) };
  };
  const all = [
    column('experiment', 'left', ({ experiment }) => experiment),
    column('runs', 'right', ({ runs }) => countText(runs)),
    column('states', 'left', statesText),
    column('best val loss', 'right', ({ best_loss }) => (best_loss === null ? '–' : lossText(best_loss))),
    column('by', 'left', ({ best_setting }) => best_setting ?? '–'),
    column('started', 'left', ({ started_at }) => clockText(started_at)),
  ];
  const narrower = [all, all.slice(0, 5), all.slice(0, 4), all.slice(0, 3)];
  return textTable(narrower.find((some) => tableWidth(some) <= width) ?? narrower.at(-1)!, colors.dim).join('\n');
}

/** An experiment or sweep in a list. */
export interface ExperimentRow {
  readonly experiment: string;
  readonly kind: 'experiment' | 'sweep';
  readonly runs: number;
  /** How many runs are in which state. */
  readonly states: Readonly<Partial<Record<FoundState, number>>>;
  /** The lowest last validation loss of the finished runs, nats a token. */
  readonly best_loss: number | null;
  readonly best_setting: string | null;
  readonly started_at: string;
  readonly directory: string;
  readonly problem: string | null;
}

export function experimentRow({ name, kind, runs, startedAt, directory, problem }: FoundExperiment): ExperimentRow {
  const rows = runs.map(runRow);
  const counts = foundStates.map((state) => [state, rows.filter((row) => row.state === state).length] as const);
  const finished = rows.filter(({ state, final_loss }) => state === 'finished' && Number.isFinite(final_loss ?? NaN));
  const best = finished.toSorted((a, b) => a.final_loss! - b.final_loss!)[0];
  return {
    experiment: name,
    kind,
    runs: rows.length,
    states: Object.fromEntries(counts.filter(([, count]) => count > 0)),
    best_loss: best?.final_loss ?? null,
    best_setting: best?.setting ?? null,
    started_at: startedAt.toISOString(),
    directory,
    problem: problem ?? null,
  };
}

function statesText({ states, runs, problem }: ExperimentRow): string {
  if (problem !== null) return 'damaged';
  const parts = Object.entries(states).map(([state, count]) => {
    const words = state.replaceAll('_', ' ');
    return count === runs ? words : `${count} ${words}`;
  });
  return parts.join(', ');
}

function stateCell({ state, step, steps }: RunRow, colors: Colors): Cell {
  const words = state.replaceAll('_', ' ');
  const isUnderWay = ['running', 'interrupted', 'killed', 'failed', 'diverged', 'stopped_at_target'].includes(state);
  const text = isUnderWay && steps !== null ? `${words} ${countText(step)}/${countText(steps)}` : words;
  if (state === 'finished' || state === 'stopped_at_target') return { text };
  if (state === 'not_started') return { text, style: colors.dim };
  return { text, style: state === 'running' ? colors.green : state === 'interrupted' ? colors.yellow : colors.red };
}

function lossOf({ state, final_loss }: RunRow): string {
  if (state === 'diverged') return 'diverged';
  return final_loss === null || Number.isNaN(final_loss) ? '–' : lossText(final_loss);
}
