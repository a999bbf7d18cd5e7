import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { writeFigureFile, type FigureFile } from '../../src/reproduce/figure-folder.js';
import { stepTimeRow } from '../../src/step-time/summarize-rounds.js';
import { writeStepTimes } from '../../src/results/step-times-csv.js';
import { timedSettings } from '../../src/step-time/timed-settings.js';
import { roundOf } from '../step-time/rounds.js';
import { lineTo, sweepDirectory, type TaskSketch } from './sweep-helpers.js';

const curve = (share: number) => (n: number) => 2 + 8 * (n / share) ** -0.5;
const lossOf = { adamw: curve(1), shampoo: curve(0.72), soap: curve(0.55) };
const stepMs = { adamw: 20, shampoo: 34, soap: 30 };
const lengths = [20, 24, 28, 32, 40];

/** A training straight down to the end of a known curve: soap's is adamw's at 0.55 of the steps, shampoo's at 0.72. */
function training(label: keyof typeof lossOf, steps: number, seed: number, more: Partial<TaskSketch> = {}): TaskSketch {
  const end = lossOf[label](steps) + 0.002 * Math.sin(7 * seed + steps);
  return {
    label,
    seed,
    steps,
    choices: { 'train.steps': steps },
    losses: [0, 0.25, 0.5, 0.75, 1].map((share) => [steps * share, 7 + (end - 7) * Math.sqrt(share)]),
    stepMs: Array.from({ length: steps }, () => stepMs[label]),
    ...more,
  };
}

/** Five lengths with two seeds, one training that misses its target, and one that diverged. */
export function budgetsDirectory(): string {
  const tasks = [0, 1].flatMap((seed) => [
    ...lengths.flatMap((steps) => [training('adamw', steps, seed), training('soap', steps, seed)]),
  ]);
  const diverged = {
    label: 'lion',
    choices: { 'train.steps': 40 },
    steps: 40,
    status: { state: 'diverged', step: 20 },
  } as const;
  const missed = { label: 'muon', choices: { 'train.steps': 40 }, steps: 40 };
  return sweepDirectory([
    ...tasks,
    {
      ...diverged,
      losses: [
        [0, 7],
        [10, 5],
        [20, Infinity],
      ],
      lr: 3,
    },
    {
      ...missed,
      losses: [
        [0, 7],
        [20, 6],
        [40, 5.5],
      ],
    },
  ]);
}

/** Learning rates, frequencies and batch sizes with one length and a target that all share. */
export function settingsDirectory(): string {
  const run = (
    label: string,
    end: number,
    choices: Record<string, unknown>,
    more: Partial<TaskSketch> = {},
  ): TaskSketch => ({
    label,
    choices,
    losses: [
      [0, 7],
      [10, (7 + end) / 2],
      [20, end],
    ],
    stepMs: Array.from({ length: 20 }, () => 10),
    ...more,
  });
  const adamw = (lr: number, end: number, more: Partial<TaskSketch> = {}) =>
    run('adamw', end, { 'optimizers.adamw.lr': lr }, { lr, ...more });
  const soap = (frequency: number, end: number) =>
    run(
      'soap',
      end,
      { 'optimizers.soap.precondition_frequency': frequency },
      { options: { precondition_frequency: frequency } },
    );
  return sweepDirectory(
    [
      adamw(0.001, 4),
      adamw(0.01, 3),
      adamw(1, 6, { status: { state: 'diverged', step: 10 } }),
      ...[soap(1, 2), soap(10, 2.2), soap(100, 2.9)],
    ],
    3.5,
  );
}

/**
 * A folder of the headline figure, of whose experiments one has been begun.
 * @param seeds Of every length of all three optimizers.
 */
export function headlineFigure(seeds: readonly number[] = [0, 1, 2]): string {
  const directory = mkdtempSync(join(tmpdir(), 'soap-bench-figure-'));
  onTestFinished(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  const file = { figure: 'headline', profile: 'quick', protocol: 'paper', scale: null } as const;
  writeFigureFile(directory, { ...file, experiments: ['360m', '660m'] });
  const labels = ['adamw', 'shampoo', 'soap'] as const;
  const tasks = seeds.flatMap((seed) =>
    lengths.flatMap((steps) => labels.map((label) => training(label, steps, seed))),
  );
  mkdirSync(join(directory, '360m'));
  sweepDirectory(tasks, undefined, join(directory, '360m'));
  return directory;
}

/** Refresh frequencies of SOAP and Shampoo beside AdamW: Shampoo loses more by rare refreshes, and ends above AdamW at last. */
export function frequencySweep(seeds: readonly number[] = [0, 1, 2]): string {
  const ends = { soap: [3.9, 3.92, 4], shampoo: [3.91, 4, 4.3] };
  const noise = (seed: number, index: number) => 0.004 * Math.sin(5 * seed + index);
  const tasks = seeds.flatMap((seed) => [
    { label: 'adamw', seed, losses: lineTo(4.2 + noise(seed, 0)) },
    ...(['soap', 'shampoo'] as const).flatMap((label) =>
      [1, 10, 100].map((frequency, index) => ({
        label,
        seed,
        losses: lineTo(ends[label][index]! + noise(seed, index)),
        choices: { [`optimizers.${label}.precondition_frequency`]: frequency },
        options: { precondition_frequency: frequency },
      })),
    ),
  ]);
  return sweepDirectory(tasks);
}

/** A folder of a figure whose only experiment is this sweep. */
export function figureOf(figure: FigureFile['figure'], sweep: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'soap-bench-figure-'));
  onTestFinished(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  const file = { figure, profile: 'standard', protocol: 'paper', scale: null, experiments: ['360m'] } as const;
  writeFigureFile(directory, { ...file, experiments: [...file.experiments] });
  renameSync(sweep, join(directory, '360m'));
  return directory;
}

/** A folder in which two rounds of steps were timed, of AdamW and of SOAP with three refresh frequencies, and nothing trained. */
export function timedSweep(): string {
  const frequencies = [1, 10, 100];
  const directory = sweepDirectory([
    { label: 'adamw', notStarted: true },
    ...frequencies.map((frequency) => ({
      label: 'soap',
      notStarted: true,
      options: { precondition_frequency: frequency },
      choices: { 'optimizers.soap.precondition_frequency': frequency },
    })),
  ]);
  const calls = ['10 10', '20R 20R', '11 11 19R', '11 11 13R'];
  const rows = timedSettings(directory).map((setting, i) =>
    stepTimeRow(setting, [roundOf(calls[i]!), roundOf(calls[i]!, { busy: 0.02 })]),
  );
  writeStepTimes(directory, rows);
  // A folder without anything in it is none in a checkout.
  rmSync(join(directory, 'runs'), { recursive: true });
  return directory;
}
