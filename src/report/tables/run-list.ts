import type { FoundExperiment } from '../../results/find.js';
import { foundStates, type FoundState } from '../../results/found-state.js';
import { numberCell, tableOf, type Cell, type Table, type Tone } from '../../table/table.js';
import { countText, lossText, lrText, timeText } from '../../format.js';
import { runRow, type RunRow } from '../../analysis/run-rows.js';
import { clockText } from '../text/since.js';

/** A row a run. */
export function runList(rows: readonly RunRow[]): Table {
  // In a plain experiment the name ends with it.
  const isInName = rows.every(({ run, setting }) => run.endsWith(`/${setting}`));
  return tableOf<RunRow>(rows, [
    { title: 'run', cell: ({ run }) => run },
    ...(isInName ? [] : [{ title: 'setting', priority: 5, cell: ({ setting }: RunRow) => setting }]),
    { title: 'lr', align: 'right', priority: 2, cell: ({ lr }) => numberCell(lr, lrText) },
    { title: 'seed', align: 'right', priority: 4, cell: ({ seed }) => numberCell(seed, String) },
    { title: 'state', cell: stateCell },
    { title: 'val loss', align: 'right', cell: lossOf },
    { title: 'training', align: 'right', priority: 1, cell: ({ train_time_s }) => numberCell(train_time_s, timeText) },
    { title: 'started', priority: 3, cell: ({ started_at }) => (started_at === null ? '–' : clockText(started_at)) },
  ]);
}

/** A row an experiment. */
export function experimentList(rows: readonly ExperimentRow[]): Table {
  return tableOf<ExperimentRow>(rows, [
    { title: 'experiment', cell: ({ experiment }) => experiment },
    { title: 'runs', align: 'right', cell: ({ runs }) => countText(runs) },
    { title: 'states', cell: statesText },
    { title: 'best val loss', align: 'right', priority: 3, cell: ({ best_loss }) => numberCell(best_loss, lossText) },
    { title: 'by', priority: 2, cell: ({ best_setting }) => best_setting ?? '–' },
    { title: 'started', priority: 1, cell: ({ started_at }) => clockText(started_at) },
  ]);
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

function stateCell({ state, step, steps }: RunRow): Cell {
  const words = state.replaceAll('_', ' ');
  const isUnderWay = ['running', 'interrupted', 'killed', 'failed', 'diverged', 'stopped_at_target'].includes(state);
  const text = isUnderWay && steps !== null ? `${words} ${countText(step)}/${countText(steps)}` : words;
  return { text, tone: tones[state] };
}

const tones: Readonly<Partial<Record<FoundState, Tone>>> = {
  not_started: 'quiet',
  running: 'good',
  interrupted: 'warning',
  killed: 'trouble',
  failed: 'trouble',
  diverged: 'trouble',
  damaged: 'trouble',
};

function lossOf({ state, final_loss }: RunRow): Cell {
  return state === 'diverged' ? { text: 'diverged', value: final_loss } : numberCell(final_loss, lossText);
}
