import { sweepDirectory, type TaskSketch } from './sweep-helpers.js';

const lossOf = { adamw: (n: number) => 2 + 8 * n ** -0.5, soap: (n: number) => 2 + 8 * (n / 0.6) ** -0.5 };

/** A training straight down to the end of a known curve: soap's is adamw's at 0.6 of the steps. */
function training(label: 'adamw' | 'soap', steps: number, seed: number, more: Partial<TaskSketch> = {}): TaskSketch {
  const end = lossOf[label](steps) + 0.002 * Math.sin(7 * seed + steps);
  return {
    label,
    seed,
    steps,
    choices: { 'train.steps': steps },
    losses: [0, 0.25, 0.5, 0.75, 1].map((share) => [steps * share, 7 + (end - 7) * Math.sqrt(share)]),
    stepMs: Array.from({ length: steps }, () => (label === 'soap' ? 30 : 20)),
    ...more,
  };
}

/** Five lengths with two seeds, one training that misses its target, and one that diverged. */
export function budgetsDirectory(): string {
  const tasks = [0, 1].flatMap((seed) => [
    ...[20, 24, 28, 32, 40].flatMap((steps) => [training('adamw', steps, seed), training('soap', steps, seed)]),
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
    ...{
      label,
      choices,
      losses: [
        [0, 7],
        [10, (7 + end) / 2],
        [20, end],
      ],
    },
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
