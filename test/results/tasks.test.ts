import { onlyRun } from '../../src/config/run-config.js';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { taskId } from '../../src/config/digest.js';
import type { ExperimentConfig } from '../../src/config/schema.js';
import { writeTasks } from '../../src/experiment/folder.js';
import { findExperiments } from '../../src/results/find.js';
import { readStudy } from '../../src/results/study.js';
import { readTasks, tasksFile } from '../../src/results/tasks.js';
import { failureOf } from '../report/helpers.js';
import { lineTo, sweepDirectory } from '../report/sweep-helpers.js';

interface ListedJson {
  name: string;
  baseline: string;
  tasks: { id: string; optimizer: string; seed: number; config: Record<string, Record<string, unknown>> }[];
  tunings?: unknown[];
}

/** A sweep whose tasks.json somebody has changed. */
function changed(change: (list: ListedJson) => unknown): string {
  const directory = sweepDirectory([
    { label: 'adamw', losses: lineTo(3) },
    { label: 'soap', losses: lineTo(2) },
  ]);
  const file = join(directory, tasksFile);
  const list = JSON.parse(readFileSync(file, 'utf8')) as ListedJson;
  change(list);
  writeFileSync(file, JSON.stringify(list));
  return directory;
}

const tuning = ({ tasks }: ListedJson, tried: object, label = 'soap') => ({

  label,
choices: [],
grid: [],
protocol: 'grid',
extend: false,
  templates: [{ budget: [], seed: 0, config: tasks[1]!.config }],
  tried: [{ ...tasks[1], values: {}, budget: 20, stage: 'grid', ...tried }],
});

describe('tasks.json', () => {
  it.each<[string, string, (list: ListedJson) => unknown]>([
    ['an id that leads out of the folder', 'tasks.0.id', ({ tasks }) => (tasks[0]!.id = '../../../../victim')],
    ['an absolute id', 'tasks.0.id', ({ tasks }) => (tasks[0]!.id = '/victim')],
    ['the folder above', 'tasks.0.id', ({ tasks }) => (tasks[0]!.id = '..')],
    ['no id', 'tasks.0.id', ({ tasks }) => (tasks[0]!.id = '')],
    ['another task’s id', 'tasks.0.id', ({ tasks }) => (tasks[0]!.id = tasks[1]!.id)],
    ['a digit of a configuration', 'tasks.1.id', ({ tasks }) => (tasks[1]!.config.train!.steps = 21)],
    ['another seed beside it', 'tasks.1.seed', ({ tasks }) => (tasks[1]!.seed = 7)],
    ['a label that its configuration has not got', 'tasks.1', ({ tasks }) => (tasks[1]!.optimizer = 'adamw')],
    ['a label that is a path', 'tasks.1.optimizer', ({ tasks }) => (tasks[1]!.optimizer = '../soap')],
    ['a name that leads out of the folder', 'name', (list) => (list.name = '../../victim')],
    ['a baseline that is no label', 'baseline', (list) => (list.baseline = '../adamw')],
    ['a trial’s id', 'tunings.0.tried.0.id', (list) => (list.tunings = [tuning(list, { id: '../../victim' })])],
    ['a tuning’s label', 'tunings.0.templates.0', (list) => (list.tunings = [tuning(list, {}, 'adamw')])],
  ])('is refused by every reader with %s', (_, place, change) => {
    const directory = changed(change);
    for (const read of [readTasks, readStudy]) {
      const failure = failureOf(() => read(directory));
      expect(failure).toMatchObject({ code: 'results_damaged', exitCode: 6 });
      expect(failure.message).toContain(tasksFile);
      expect(failure.message).toContain(place);
    }
    const [found] = findExperiments(directory);
    expect(found!.problem).toContain(place);
  });

  it('has a digest of its own, for what no id stands for', () => {
    const directory = changed(() => undefined);
    writeTasks(readTasks(directory), directory);
    const file = join(directory, tasksFile);
    writeFileSync(file, readFileSync(file, 'utf8').replace('"name": "demo"', '"name": "demo2"'));
    expect(failureOf(() => readTasks(directory)).message).toContain('has changed since soap-bench wrote it');
  });

  it('is read as it was written, also by a version with other defaults', () => {
    const directory = changed((list) => {
      const [task] = list.tasks;
      delete (task!.config as Partial<ExperimentConfig>).xla;
      task!.id = taskId(onlyRun(task!.config as unknown as ExperimentConfig));
      list.tunings = [tuning(list, {})];
    });
    const { tasks, tunings } = readTasks(directory);
    expect([tasks[0]!.config.xla, tunings[0]!.tried[0]!.optimizer]).toEqual([expect.any(String), 'soap']);
  });
});
