import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readStudy } from '../../src/results/study.js';
import { analyse } from '../../src/analysis/analysis.js';
import { loadSweep } from '../../src/config/load.js';
import type { Manifest } from '../../src/data/manifest.js';
import type { PreparedData } from '../../src/data/prepare.js';
import type { ChildOutcome } from '../../src/experiment/child-run.js';
import { readPlan, writeTasks } from '../../src/experiment/folder.js';
import { planExperiment } from '../../src/experiment/plan.js';
import type { Task } from '../../src/experiment/tasks.js';
import { knownLosses, trainRounds } from '../../src/experiment/train-rounds.js';
import { listedTunings, planner, tasksOf, type ExperimentPlan } from '../../src/experiment/rounds.js';
import { tuningBounds } from '../../src/experiment/tuning-bounds.js';
import { settingsCsv } from '../../src/report/csv/settings-csv.js';
import { studyJson } from '../../src/report/csv/study-json.js';
import { summarize } from '../../src/analysis/summary.js';
import { sweepText } from '../../src/report/text/sweep-text.js';
import { tuningCsv } from '../../src/report/csv/tuning-csv.js';
import { RunDirectory } from '../../src/results/directory.js';
import { readFoundExperiment } from '../../src/results/find.js';
import { evalHeader, metricsHeader } from '../report/helpers.js';

const files = ['test/config/overridden.yaml'];
const manifest = { fingerprint: 'the text' } as Manifest;
const dataOf = () => ({ manifest }) as PreparedData;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'soap-bench-tuned-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function sweepOf(...overrides: string[]): ExperimentPlan {
  return planExperiment(loadSweep({ files, overrides: ['train.steps=20', ...overrides] }));
}

type Loss = (task: Task) => number | 'failed' | 'interrupted' | 'not started';

/** Writes what a training that ends with this loss leaves. */
function leave(task: Task, loss: ReturnType<Loss>): ChildOutcome {
  const directory = new RunDirectory(join(folder, 'runs', task.id));
  directory.create(task.config, manifest);
  const { steps } = task.config.train;
  if (loss === 'not started') return { kind: 'error', code: 'run_not_started', message: 'no process' };
  const state = loss === Infinity ? 'diverged' : typeof loss === 'number' ? 'finished' : loss;
  const evaluations = typeof loss === 'number' && loss < Infinity ? [`${steps},${steps},val,${loss},1,1`] : [];
  writeFileSync(join(directory.path, 'eval.csv'), [evalHeader, ...evaluations, ''].join('\n'));
  writeFileSync(join(directory.path, 'metrics.csv'), `${metricsHeader}\n`);
  directory.writeStatus({ state, step: steps, steps, started_at: '2026-01-01T00:00:00Z' });
  return state === 'failed' ? { kind: 'error', code: 'run_crashed', message: 'killed' } : { kind: 'outcome', state };
}

interface Trained {
  rounds: string[][];
  compared: string[];
  outcomes: string[];
}

/** Trains with made-up losses, at most `limit` tasks. */
async function train(sweep: ExperimentPlan, loss: Loss, limit = Infinity, rerun = false): Promise<Trained> {
  const rounds: string[][] = [];
  let left = limit;
  const { round, outcomes } = await trainRounds(sweep, {
    folder,
    dataOf,
    rerun,
    planned: (known, pending) => {
      const { name, baseline } = sweep;
      writeTasks({ name, baseline, tasks: known.compared, tunings: listedTunings(known) }, folder);
      if (pending.length > 0) rounds.push([]);
    },
    train: (runs) => {
      const now = runs.slice(0, left);
      left -= now.length;
      rounds.at(-1)!.push(...now.map(({ label }) => label));
      return Promise.resolve(new Map(now.map((run) => [run.id, leave(run as Task, loss(run as Task))])));
    },
  });
  return { rounds, compared: round.compared.map(({ label }) => label), outcomes: [...outcomes.keys()] };
}

/** A valley in the learning rate; longer trainings end lower, and seeds differ. */
const valley =
  (bottom: number): Loss =>
  ({ config, seed }) => {
    const { lr } = config.options;
    return 3 + Math.abs(Math.log10(lr / bottom)) - config.train.steps / 100 + seed / 1000;
  };

const tuned = [
  'optimizers.soap.tune={lr: [0.01, 0.1, 1], extend: true, seed: 2}',
  'seeds=0,1',
  'budgets.fraction=0.5,1',
];

describe('a tuned sweep', () => {
  it('tries with a seed of its own, chooses, and trains what was chosen with all seeds and budgets', async () => {
    const { rounds, compared } = await train(sweepOf(...tuned), valley(0.1));
    const adamw = [10, 20].flatMap((steps) => [0, 1].map((seed) => `adamw train.steps=${steps} seed=${seed}`));
    expect(rounds).toEqual([
      [...[0.01, 0.1, 1].map((lr) => `soap lr=${lr} train.steps=20 seed=2`), ...adamw],
      [20, 10].flatMap((steps) => [0, 1].map((seed) => `soap lr=0.1 train.steps=${steps} seed=${seed}`)),
    ]);
    expect(compared).toEqual([
      ...adamw,
      ...[20, 10].flatMap((steps) => [0, 1].map((seed) => `soap lr=0.1 train.steps=${steps} seed=${seed}`)),
    ]);
  });

  it('shows the winner and what was tried', async () => {
    await train(sweepOf(...tuned), valley(1e9));
    const sweep = readStudy(folder);
    const summary = summarize(sweep);
    const text = sweepText(analyse(sweep), { width: 120, color: false });
    const words = 'best of 7 with 20 steps and seed 2; lr is the largest tried: a better one may lie beyond';
    expect(text).toContain(`soap       lr=10000     7.802  ${words}`);
    expect(text).toMatch(/soap lr=10000 train\.steps=20 \(edge\) /);
    expect(text).toContain(join(folder, 'tuning.csv'));
    const settings: Record<string, string>[] = parse(settingsCsv(summary), { columns: true });
    expect(settings.map(({ setting, edge }) => [setting, edge])).toEqual([
      ['adamw train.steps=10', ''],
      ['adamw train.steps=20', ''],
      ['soap lr=10000 train.steps=20', 'lr is the largest tried'],
      ['soap lr=10000 train.steps=10', 'lr is the largest tried'],
    ]);
    const tried: Record<string, string>[] = parse(tuningCsv(summary.tuning), { columns: true });
    expect(
      tried.map(({ lr, stage, winner, final_loss }) => [lr, stage, winner, Number(final_loss).toFixed(1)]),
    ).toEqual([
      ['0.01', 'grid', 'false', '13.8'],
      ['0.1', 'grid', 'false', '12.8'],
      ['1', 'grid', 'false', '11.8'],
      ['10', 'extend', 'false', '10.8'],
      ['100', 'extend', 'false', '9.8'],
      ['1000', 'extend', 'false', '8.8'],
      ['10000', 'extend', 'true', '7.8'],
    ]);
    expect(studyJson(analyse(sweep))).toMatchObject({
      rows: [{}, {}, { edges: [{ key: 'lr', side: 'largest' }] }, {}],
      tuning: [{ label: 'soap', chosen: [{ values: { lr: 10000 }, steps: 20 }] }],
    });
  });

  it('lists what was tried among its runs', async () => {
    await train(sweepOf(...tuned), valley(0.1));
    const { runs } = readFoundExperiment(folder, folder);
    expect(runs.filter(({ setting }) => setting.startsWith('soap lr=0.01 ')).map(({ state }) => state)).toEqual([
      'finished',
    ]);
    expect(runs).toHaveLength(11);
  });

  it('goes on from wherever it was stopped, and trains nothing twice', async () => {
    const whole = await train(sweepOf(...tuned), valley(1));
    const all = whole.rounds.flat();
    for (const limit of all.keys()) {
      rmSync(folder, { recursive: true });
      const before = await train(sweepOf(...tuned), valley(1), limit);
      const plan = readPlan(folder);
      const after = await train(plan, valley(1));
      expect([...before.rounds, ...after.rounds].flat().sort()).toEqual([...all].sort());
      expect(after.compared).toEqual(whole.compared);
    }
  });

  it('is not chosen from before everything is known', async () => {
    await train(sweepOf(...tuned), valley(0.1), 2);
    const sweep = readStudy(folder);
    const summary = summarize(sweep);
    expect(summary.tuning[0]!.chosen).toBeUndefined();
    const text = sweepText(analyse(sweep), { width: 100, color: false });
    expect(text).toContain('2 of 3 settings so far');
    expect(text).toContain('Nothing is chosen yet for soap.');
  });

  it('counts diverged and failed trainings as infinite, and tries failed ones again the next time', async () => {
    const bad: Loss = (task) => {
      const { lr } = task.config.options;
      return lr === 0.1 ? 'failed' : lr === 1 ? Infinity : valley(0.1)(task);
    };
    const first = await train(sweepOf(...tuned), bad);
    expect(first.compared.at(-1)).toBe('soap lr=0.01 train.steps=10 seed=1');
    const text = () => {
      const sweep = readStudy(folder);
      return sweepText(analyse(sweep), { width: 100, color: false });
    };
    expect(text()).toContain('best of 4 with 20 steps and seed 2, 2 of them diverged or failed');
    const second = await train(sweepOf(...tuned), valley(0.1));
    expect(second.rounds.flat()).toContain('soap lr=0.1 train.steps=20 seed=2');
    expect(second.compared.at(-1)).toBe('soap lr=0.1 train.steps=10 seed=1');
  });

  it('stops when a training has no end, and when nothing trains', async () => {
    const stopped = await train(sweepOf(...tuned), (task) => (task.optimizer === 'soap' ? 'interrupted' : 3));
    expect(stopped.rounds).toHaveLength(1);
    rmSync(folder, { recursive: true });
    const lost = await train(sweepOf(...tuned), (task) => (task.optimizer === 'soap' ? Infinity : 3));
    expect(lost.compared.every((label) => label.startsWith('adamw'))).toBe(true);
    const sweep = readStudy(folder);
    const text = sweepText(analyse(sweep), { width: 100, color: false });
    expect(text).toContain('all 3 settings diverged or failed');
  });

  it('chooses nothing from trainings whose processes could not start', async () => {
    await train(sweepOf(...tuned), (task) => (task.optimizer === 'soap' ? 'not started' : 3));
    const sweep = readStudy(folder);
    const text = sweepText(analyse(sweep), { width: 100, color: false });
    expect(text).toContain('0 of 3 settings so far');
    // Nor from what they came to before.
    await train(sweepOf(...tuned), (task) => (task.optimizer === 'soap' ? 'failed' : 3));
    const again = await train(sweepOf(...tuned), () => 'not started');
    expect(again.rounds).toHaveLength(1);
  });

  it('may be all that there is', async () => {
    const sweep = sweepOf('~optimizers.adamw', 'optimizers.soap.tune.lr=0.1,1');
    await train(sweep, valley(1), 1);
    expect(readStudy(folder).runs).toEqual([]);
    expect(summarize(readStudy(folder))).toMatchObject({ target: 'baseline_final', rows: [] });
    expect((await train(sweep, valley(1))).rounds).toEqual([['soap lr=1 seed=1000'], ['soap lr=1 seed=0']]);
    expect(readStudy(folder).runs).toHaveLength(1);
  });

  it('is trained anew when asked to', async () => {
    const sweep = sweepOf(...tuned);
    const first = await train(sweep, valley(0.1));
    const mark = join(folder, 'runs', first.outcomes[0]!, 'log.txt');
    writeFileSync(mark, '');
    expect((await train(sweep, valley(0.1))).rounds).toEqual([]);
    const again = await train(sweep, valley(0.1), Infinity, true);
    expect(again.rounds).toEqual(first.rounds);
    expect(() => readFileSync(mark)).toThrow('ENOENT');
  });
});

describe('how many tasks a tuned sweep has', () => {
  const labels = (tasks: readonly Task[]) => tasks.map(({ label }) => label).sort();

  it('is at least what it has when winners are inside, at most when grids grow to their bound', async () => {
    const { least, most } = tuningBounds(sweepOf(...tuned), () => undefined);
    const best = await train(sweepOf(...tuned), valley(0.1));
    expect(labels(least)).toEqual(best.rounds.flat().sort());
    rmSync(folder, { recursive: true });
    const worst = await train(sweepOf(...tuned), valley(1e9));
    expect(labels(most)).toEqual(worst.rounds.flat().sort());
    expect([least.length, most.length]).toEqual([11, 15]);
  });

  it('is known exactly at the end', async () => {
    const sweep = sweepOf(...tuned);
    const { rounds } = await train(sweep, valley(1));
    const lossOf = knownLosses(folder);
    const { least, most } = tuningBounds(sweep, lossOf);
    expect(labels(least)).toEqual(rounds.flat().sort());
    expect(labels(most)).toEqual(labels(least));
    expect(labels(tasksOf(planner(sweep)(lossOf)))).toEqual(labels(least));
  });

  it('counts the stages of the paper', () => {
    const tune = 'optimizers.soap.tune={protocol: paper, lr: [0.01, 0.1, 1, 10], precondition_frequency: [1, 100]}';
    const { least, most } = tuningBounds(sweepOf(tune, ...tuned.slice(1), '~optimizers.adamw'), () => undefined);
    // 4 rates, 3 × 2 further settings, 3 rates with the shorter budget, and two seeds with both.
    expect([least.length, most.length]).toEqual([17, 17]);
  });
});
