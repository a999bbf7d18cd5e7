import { onlyRun } from '../../src/config/run-config.js';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { taskId } from '../../src/config/digest.js';
import type { Choice } from '../../src/config/sweep/expand.js';
import { parseExperiment } from '../../src/config/load.js';
import { readTasks, tasksFile } from '../../src/results/tasks.js';
import { batchTokens, writeRun, type RunSketch } from './helpers.js';

/** What a test says of a task; the rest is filled in. */
export interface TaskSketch extends RunSketch {
  label: string;
  choices?: Record<string, unknown>;
  seed?: number;
  steps?: number;
  /** Of the optimizer, besides its learning rate. */
  options?: Record<string, unknown>;
  train?: Record<string, unknown>;
}

/** Ids of a sweep's tasks, in their order. */
export function taskIds(directory: string): string[] {
  return readTasks(directory).tasks.map(({ id }) => id);
}

/**
 * Writes a sweep's directory as `soap-bench run` does, removed when the test ends.
 * @param at The folder, if it matters.
 */
export function sweepDirectory(tasks: TaskSketch[], target?: number, at?: string): string {
  const directory = at ?? mkdtempSync(join(tmpdir(), 'soap-bench-sweep-'));
  onTestFinished(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  mkdirSync(join(directory, 'runs'), { recursive: true });
  const listed = tasks.map(({ label, choices = {}, seed = 0, steps = 20, lr = 0.003, options, train, ...run }) => {
    const list = Object.entries(choices).map(([key, value]): Choice => ({ key, value }));
    const chosen = (prefix: string) =>
      Object.fromEntries(
        list.filter(({ key }) => key.startsWith(prefix)).map(({ key, value }) => [key.slice(prefix.length), value]),
      );
    const config = parseExperiment({
      name: 'demo',
      seed,
      model: { n_layer: 1, d_model: 4, n_head: 1, context: 10 },
      data: { corpus: 'sotu', tokenizer: 'byte' },
      train: { steps, batch_tokens: batchTokens, eval_every: 10, eval_tokens: 100, ...chosen('train.'), ...train },
      ...(target === undefined ? {} : { target }),
      optimizers: { [label]: { optimizer: label, lr, ...chosen(`optimizers.${label}.`), ...options } },
    });
    const id = taskId(onlyRun(config));
    if (run.notStarted !== true) writeRun(join(directory, 'runs', id), run, steps);
    return { id, optimizer: label, choices: list, seed, config };
  });
  const text = JSON.stringify({ name: 'demo', baseline: 'adamw', tasks: listed });
  writeFileSync(join(directory, tasksFile), text);
  writeFileSync(join(directory, 'config.yaml'), 'name: demo\n');
  return directory;
}

/** From 6 at the start straight down to `end` at step 20. */
export const lineTo = (end: number): [number, number][] => [
  [0, 6],
  [10, (6 + end) / 2],
  [20, end],
];

/** Trainings of three lengths at 20 ms a step; soap's had company if it is said so, and comes lower. */
export function trainingsOfThreeLengths(shared_machine: boolean): string {
  const task = (label: string, steps: number): TaskSketch => {
    const end = label === 'soap' ? 2 + 5 * steps ** -0.5 : 2 + 8 * steps ** -0.5;
    return {
      label,
      steps,
      choices: { 'train.steps': steps },
      losses: [0, 0.5, 1].map((share) => [steps * share, 7 + (end - 7) * share]),
      stepMs: Array.from({ length: steps }, () => 20),
      status: label === 'soap' ? { shared_machine } : {},
    };
  };
  return sweepDirectory([20, 30, 40].flatMap((steps) => [task('adamw', steps), task('soap', steps)]));
}
