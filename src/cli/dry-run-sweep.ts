import { countText, plural, timeText } from '../format.js';
import { tableOf } from '../table/table.js';
import { textTable } from '../table/text.js';
import type { SweepList } from '../experiment/list-sweep.js';
import { resultColors } from './terminal/colors.js';
import { memoryText } from './terminal/memory-text.js';
import { print, printJson } from './terminal/output.js';

/** `frequency-sweep: 12 tasks, 3 of them finished before`. */
export function sweepHeader(name: string, tasks: number, finished: number): string {
  return `${name}: ${plural(tasks, 'task')}${finished === 0 ? '' : `, ${countText(finished)} of them finished before`}`;
}

/** `run --dry-run` of a sweep: its tasks and how long they take. */
export function printTasks(list: SweepList, { json }: { readonly json: boolean }): void {
  if (json) printJson(sweepListJson(list));
  else print(sweepListText(list));
}

/** The same as one JSON document. */
export function sweepListJson({ name, folder, tasks, pending, estimated_s, least, most }: SweepList): object {
  const listed = tasks.map(({ task, finished, estimated_s }) => ({
    task: task.id,
    optimizer: task.optimizer,
    choices: task.choices,
    seed: task.seed,
    steps: task.config.train.steps,
    finished,
    estimated_s,
  }));
  const tuned = least &&
    most && {
      tasks_least: least.tasks,
      tasks_most: most.tasks,
      estimated_least_s: least.estimated_s,
      estimated_most_s: most.estimated_s,
    };
  return { name, folder, pending, estimated_s, ...tuned, tasks: listed };
}

/** A table of the tasks, and a sentence about all of them. */
export function sweepListText(list: SweepList): string {
  const { name, tasks, pending } = list;
  const table = tableOf<(typeof tasks)[number]>(tasks, [
    { title: '#', align: 'right', cell: (_, index) => String(index + 1) },
    { title: 'task', cell: ({ task }) => task.id },
    { title: 'setting', cell: ({ task }) => task.label },
    { title: 'steps', align: 'right', cell: ({ task }) => countText(task.config.train.steps) },
    {
      title: 'time',
      align: 'right',
      cell: ({ finished, estimated_s }) => (finished ? 'finished' : secondsText(estimated_s)),
    },
  ]);
  const header = sweepHeader(name, tasks.length, tasks.length - pending);
  const waiting = tasks.filter(({ finished }) => !finished).map(({ task }) => task);
  const memory = waiting.length === 0 ? '' : ` Memory: ${memoryText(waiting)}.`;
  return [...textTable(table, { colors: resultColors }), '', `${header}; ${timeSentence(list)}.${memory}`].join('\n');
}

/** `9 to train, about 3 min 20 s, 2 at once, from steps measured here and now` */
export function timeSentence({ pending, estimated_s, least, most, jobs, isMeasured }: SweepList): string {
  const rest = pending === 0 ? 'nothing to train' : `${countText(pending)} to train, ${secondsText(estimated_s)}`;
  const company = jobs === 1 ? '' : `, ${jobs} at once`;
  const measured = isMeasured ? `${company}, from steps measured here and now` : '';
  if (least === undefined || most === undefined) return `${rest}${measured}`;
  const [short, long] = [least.estimated_s, most.estimated_s];
  const time = short === null || long === null ? 'time unknown' : `about ${timeText(short)} to ${timeText(long)}`;
  const isCertain = least.tasks === most.tasks;
  const count = isCertain
    ? countText(least.tasks)
    : `at least ${countText(least.tasks)} and at most ${countText(most.tasks)}`;
  return `in all ${count}: ${isCertain ? secondsText(short) : time}${measured}`;
}

function secondsText(seconds: number | null): string {
  return seconds === null ? 'unknown' : `about ${timeText(seconds)}`;
}
