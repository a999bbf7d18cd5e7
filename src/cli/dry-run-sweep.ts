import { costKey, makespan, measureCost, trainingSeconds, type MeasuredCost } from '../experiment/estimate.js';
import type { PlannedRun } from '../experiment/plan.js';
import type { DataOf } from '../experiment/prepare-runs.js';
import type { Task } from '../experiment/tasks.js';
import type { TuningBounds } from '../experiment/tuning-bounds.js';
import { examineRuns } from '../experiment/train-runs.js';
import { groupBy } from '../group-by.js';
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
  /** Of a tuned sweep: with `tasks` it has only begun. */
  readonly bounds?: TuningBounds;
}

/** `frequency-sweep: 12 tasks, 3 of them finished before`. */
export function sweepHeader(name: string, tasks: number, finished: number): string {
  return `${name}: ${countText(tasks)} ${tasks === 1 ? 'task' : 'tasks'}${finished === 0 ? '' : `, ${countText(finished)} of them finished before`}`;
}

/** `run --dry-run` of a sweep: its tasks and how long they take, from steps measured now. Writes nothing. */
export async function printTasks(
  name: string,
  tasks: readonly Task[],
  { folder, dataOf, rerun, jobs, json, quiet, bounds }: TaskListOptions,
): Promise<void> {
  const known = new Map([...tasks, ...(bounds?.least ?? []), ...(bounds?.most ?? [])].map((task) => [task.id, task]));
  const pending = rerun ? [...known.values()] : examineRuns([...known.values()], { folder, dataOf }).pending;
  const isPending = ({ id }: Task) => pending.some((run) => run.id === id);
  const atOnce = bounds === undefined ? Math.min(jobs, tasks.length) : jobs;
  const costs = await measureCosts(pending, dataOf, atOnce, quiet ? () => undefined : note);
  const secondsOf = (task: Task) => {
    const cost = costs.get(costKey(task.config));
    return isPending(task) ? ((cost && trainingSeconds(task.config, cost)) ?? null) : 0;
  };
  const timeOf = (some: readonly Task[]) => {
    const seconds = some.map(secondsOf).filter((one) => one !== null);
    return seconds.length < some.length ? null : makespan(seconds, atOnce);
  };
  const rows = tasks.map((task) => ({ task, finished: !isPending(task), seconds: secondsOf(task) }));
  const unfinished = tasks.filter(isPending).length;
  if (json) {
    const listed = rows.map(({ task, finished, seconds }) => ({
      ...{ task: task.id, optimizer: task.optimizer, choices: task.choices, seed: task.seed },
      ...{ steps: task.config.train.steps, finished, estimated_s: seconds },
    }));
    const tuned = bounds && {
      ...{ tasks_least: bounds.least.length, tasks_most: bounds.most.length },
      ...{ estimated_least_s: timeOf(bounds.least), estimated_most_s: timeOf(bounds.most) },
    };
    printJson({ name, folder, pending: unfinished, estimated_s: timeOf(tasks), ...tuned, tasks: listed });
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
    unfinished === 0 ? 'nothing to train' : `${countText(unfinished)} to train, ${secondsText(timeOf(tasks))}`;
  const company = atOnce === 1 ? '' : `, ${atOnce} at once`;
  const measured = pending.length === 0 ? '' : `${company}, from steps measured here and now`;
  const sentence = bounds === undefined ? `${rest}${measured}` : `${boundsText(bounds, timeOf)}${measured}`;
  print(
    [
      ...textTable(columns, (text) => text),
      '',
      `${sweepHeader(name, tasks.length, tasks.length - unfinished)}; ${sentence}.`,
    ].join('\n'),
  );
}

/** `in all at least 12 and at most 20: about 2 min 0 s to 4 min 0 s` */
function boundsText({ least, most }: TuningBounds, secondsOf: (tasks: readonly Task[]) => number | null): string {
  const [short, long] = [secondsOf(least), secondsOf(most)];
  const time = short === null || long === null ? 'time unknown' : `about ${timeText(short)} to ${timeText(long)}`;
  const count =
    least.length === most.length
      ? countText(least.length)
      : `at least ${countText(least.length)} and at most ${countText(most.length)}`;
  return `in all ${count}: ${least.length === most.length ? secondsText(short) : time}`;
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
  const stop = new AbortController();
  for (const [key, same] of groupBy(tasks, ({ config }) => costKey(config))) {
    // The first of them, as the list is read.
    const task = same[0]!;
    say(`measuring a few steps of ${task.label} ...`);
    const cost = await measureCost(task.config, dataOf(task), stop.signal, jobs);
    if (cost === undefined) warn(`${task.label} did not train, its time is unknown`);
    else costs.set(key, cost);
  }
  return costs;
}
