import { costKey, makespan, measureCost, trainingSeconds, type MeasuredCost } from '../experiment/estimate.js';
import type { PlannedRun } from '../experiment/plan.js';
import type { DataOf } from '../experiment/prepare-runs.js';
import type { Task } from '../experiment/tasks.js';
import { examineRuns } from '../experiment/train-runs.js';
import { countText, timeText } from '../report/format.js';
import { textTable, type Column } from '../text-table.js';
import { note, print, printJson, warn } from './output.js';

export interface TaskListOptions {
  readonly folder: string;
  readonly dataOf: DataOf;
  /** Whether finished tasks are trained again. */
  readonly rerun: boolean;
  /** Tasks that are trained at once. */
  readonly jobs: number;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** `frequency-sweep: 12 tasks, 3 of them finished before`. */
export function sweepHeader(name: string, tasks: number, finished: number): string {
  return `${name}: ${countText(tasks)} ${tasks === 1 ? 'task' : 'tasks'}${finished === 0 ? '' : `, ${countText(finished)} of them finished before`}`;
}

/** `run --dry-run` of a sweep: its tasks and how long they take, from steps measured now. Writes nothing. */
export async function printTasks(
  name: string,
  tasks: readonly Task[],
  { folder, dataOf, rerun, jobs, json, quiet }: TaskListOptions,
): Promise<void> {
  const pending = rerun ? tasks : examineRuns(tasks, { folder, dataOf }).pending;
  const isPending = ({ id }: Task) => pending.some((run) => run.id === id);
  const atOnce = Math.min(jobs, tasks.length);
  const costs = await measureCosts(pending, dataOf, atOnce, quiet ? () => undefined : note);
  const rows = tasks.map((task) => {
    const cost = costs.get(costKey(task.config));
    const seconds = isPending(task) ? cost && trainingSeconds(task.config, cost) : 0;
    return { task, finished: !isPending(task), seconds: seconds ?? null };
  });
  const known = rows.every(({ seconds }) => seconds !== null);
  const total = known
    ? makespan(
        rows.map(({ seconds }) => seconds!),
        atOnce,
      )
    : null;
  if (json) {
    const listed = rows.map(({ task, finished, seconds }) => ({
      ...{ task: task.id, optimizer: task.optimizer, choices: task.choices, seed: task.seed },
      ...{ steps: task.config.train.steps, finished, estimated_s: seconds },
    }));
    printJson({ name, folder, pending: pending.length, estimated_s: total, tasks: listed });
    return;
  }
  const column = (title: string, cells: string[], align: 'left' | 'right' = 'left'): Column => {
    return { title: [title], align, cells: cells.map((text) => ({ text })) };
  };
  const columns = [
    column(
      '#',
      rows.map((_, index) => String(index + 1)),
      'right',
    ),
    column(
      'task',
      rows.map(({ task }) => task.id),
    ),
    column(
      'setting',
      rows.map(({ task }) => task.label),
    ),
    column(
      'steps',
      rows.map(({ task }) => countText(task.config.train.steps)),
      'right',
    ),
    column(
      'time',
      rows.map(({ finished, seconds }) => (finished ? 'finished' : secondsText(seconds))),
      'right',
    ),
  ];
  const rest =
    pending.length === 0 ? 'nothing to train' : `${countText(pending.length)} to train, ${secondsText(total)}`;
  const company = atOnce === 1 ? '' : `, ${atOnce} at once`;
  const measured = pending.length === 0 ? '' : `${company}, from steps measured here and now`;
  print(
    [
      ...textTable(columns, (text) => text),
      '',
      `${sweepHeader(name, tasks.length, rows.filter(({ finished }) => finished).length)}; ${rest}${measured}.`,
    ].join('\n'),
  );
}

function secondsText(seconds: number | null): string {
  return seconds === null ? 'unknown' : `about ${timeText(seconds)}`;
}

/** Measures one task of those that cost the same; those that cannot be measured are missing. */
async function measureCosts(
  tasks: readonly PlannedRun[],
  dataOf: DataOf,
  jobs: number,
  say: (line: string) => void,
): Promise<Map<string, MeasuredCost>> {
  const costs = new Map<string, MeasuredCost>();
  // The first of them, as the list is read.
  const different = new Map(tasks.toReversed().map((task) => [costKey(task.config), task]));
  const stop = new AbortController();
  for (const [key, task] of [...different].toReversed()) {
    say(`measuring a few steps of ${task.label} ...`);
    const cost = await measureCost(task.config, dataOf(task), stop.signal, jobs);
    if (cost === undefined) warn(`${task.label} did not train, its time is unknown`);
    else costs.set(key, cost);
  }
  return costs;
}
