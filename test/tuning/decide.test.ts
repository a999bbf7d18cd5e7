import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadSweep } from '../../src/config/load.js';
import { planTunings } from '../../src/experiment/plan-tunings.js';
import { decide } from '../../src/tuning/decide.js';
import { admits } from '../../src/tuning/setting.js';
import type { Decision, Tuning, Values } from '../../src/tuning/tuning.js';

const files = ['test/config/overridden.yaml'];

function tuningOf(tune: string, ...overrides: string[]): Tuning {
  const { tuned } = loadSweep({ files, overrides: ['train.steps=20', `optimizers.soap.tune=${tune}`, ...overrides] });
  return planTunings(tuned)[0]!;
}

type Loss = (values: Values, budget: number) => number;

/** Trains what is asked for, round by round, as often as there is something to train. */
function settle(tuning: Tuning, loss: Loss): Decision & { rounds: string[][] } {
  const known = new Map<string, number>();
  const rounds: string[][] = [];
  const key = (values: Values, budget: number) => JSON.stringify([values, budget]);
  for (;;) {
    const decision = decide(tuning, {
      lossOf: (values, budget) => known.get(key(values, budget)),
      admits: (values) => admits(tuning, values),
    });
    const pending = decision.trials.filter(({ values, budget }) => !known.has(key(values, budget)));
    if (pending.length === 0) return { ...decision, rounds };
    expect(decision.winners).toBeUndefined();
    expect(rounds.length).toBeLessThan(50);
    rounds.push(pending.map(({ values, budget }) => `${Object.values(values).join('/')}@${budget}`));
    for (const { values, budget } of pending) known.set(key(values, budget), loss(values, budget));
  }
}

/** A valley whose bottom is at this learning rate. */
const valley = (bottom: number) => (values: Values) => 3 + Math.abs(Math.log(Number(values.lr) / bottom));

describe('a tuning on a grid', () => {
  const grid = tuningOf('{lr: [0.001, 0.01, 0.1], precondition_frequency: [1, 10]}');

  it('tries every combination and takes the lowest loss', () => {
    const { rounds, winners } = settle(grid, (values) => valley(0.01)(values) + Number(values.precondition_frequency));
    expect(rounds).toEqual([['0.001/1@20', '0.001/10@20', '0.01/1@20', '0.01/10@20', '0.1/1@20', '0.1/10@20']]);
    expect([...winners!]).toEqual([
      [20, { values: { lr: 0.01, precondition_frequency: 1 }, budget: 20, loss: 4, edges: [] }],
    ]);
  });

  it('flags a winner on an edge, but not one with nothing beyond', () => {
    const { winners } = settle(grid, (values) => valley(1)(values) + Number(values.precondition_frequency));
    expect(winners!.get(20)).toMatchObject({
      values: { lr: 0.1, precondition_frequency: 1 },
      edges: [{ key: 'lr', side: 'largest' }],
    });
    const slow = settle(grid, (values) => valley(1e-9)(values) - Number(values.precondition_frequency));
    expect(slow.winners!.get(20)!.edges).toEqual([
      { key: 'lr', side: 'smallest' },
      { key: 'precondition_frequency', side: 'largest' },
    ]);
  });

  it('counts what diverged or failed as infinite, and has no winner when everything did', () => {
    const { winners } = settle(grid, ({ lr }) => (Number(lr) > 0.005 ? Infinity : 5));
    expect(winners!.get(20)!.values).toEqual({ lr: 0.001, precondition_frequency: 1 });
    expect(settle(grid, () => Infinity).winners!.size).toBe(0);
  });

  it('is chosen with the largest budget for all of them', () => {
    const tuning = tuningOf('{lr: [0.001, 0.01]}', 'budgets.steps=10,40,20', 'seeds=5,6');
    expect(tuning.templates[0]).toMatchObject({ seed: 5, config: { seed: 5, train: { steps: 40 } } });
    const { rounds, winners } = settle(tuning, valley(0.01));
    expect(rounds).toEqual([['0.001@40', '0.01@40']]);
    expect([...winners!.keys()]).toEqual([40, 20, 10]);
    expect(new Set([...winners!.values()].map(({ values }) => values.lr))).toEqual(new Set([0.01]));
  });
});

describe('a tuning that may extend its grid', () => {
  const lr = '{lr: [0.001, 0.00316, 0.01], extend: true}';

  it('goes on until the winner is inside', () => {
    const up = settle(tuningOf(lr), valley(0.1));
    expect(up.rounds).toEqual([['0.001@20', '0.00316@20', '0.01@20'], ['0.0316@20'], ['0.1@20'], ['0.316@20']]);
    expect(up.winners!.get(20)).toMatchObject({ values: { lr: 0.1 }, edges: [] });
    expect(up.trials.map(({ stage }) => stage)).toEqual(['grid', 'grid', 'grid', 'extend', 'extend', 'extend']);
    const down = settle(tuningOf(lr), valley(0.0003));
    expect(down.rounds.slice(1)).toEqual([['0.000316@20'], ['0.0001@20']]);
    expect(settle(tuningOf(lr), valley(0.003)).rounds).toHaveLength(1);
  });

  it('stops after four values, and says that it is still on the edge', () => {
    const { rounds, winners } = settle(tuningOf(lr), valley(1e6));
    expect(rounds.flat()).toHaveLength(3 + 4);
    expect(winners!.get(20)!.edges).toEqual([{ key: 'lr', side: 'largest' }]);
  });

  it('stops where a larger value diverges', () => {
    const { winners } = settle(tuningOf(lr), ({ lr }) => (Number(lr) > 0.01 ? Infinity : 1 / Number(lr)));
    expect(winners!.get(20)).toMatchObject({ values: { lr: 0.01 }, edges: [] });
  });

  it('adds a whole row to a grid of two options', () => {
    const two = tuningOf('{lr: [0.01, 0.1, 1], precondition_frequency: [5, 10, 20], extend: true}');
    const { rounds } = settle(
      two,
      (values) => valley(0.1)(values) + Math.abs(Number(values.precondition_frequency) - 41),
    );
    expect(rounds.slice(1)).toEqual([
      ['0.01/40@20', '0.1/40@20', '1/40@20'],
      ['0.01/80@20', '0.1/80@20', '1/80@20'],
    ]);
  });
});

describe('the protocol of the paper', () => {
  const tune =
    '{protocol: paper, lr: [0.001, 0.003, 0.01, 0.03], precondition_frequency: [1, 100], shampoo_beta: [0.9]}';
  const paper = tuningOf(tune, 'optimizers.soap.precondition_frequency=10', 'budgets.fraction=0.5,1');

  it('tries the rates, then each other option with the best three, then these rates with the other budgets', () => {
    const loss: Loss = (values, budget) =>
      valley(budget === 20 ? 0.009 : 0.004)(values) + (values.precondition_frequency === 1 ? -0.01 : 0);
    const { rounds, winners, trials } = settle(paper, loss);
    expect(rounds).toEqual([
      ['0.001/10/@20', '0.003/10/@20', '0.01/10/@20', '0.03/10/@20'],
      [
        ...['0.01/1/@20', '0.01/100/@20', '0.003/1/@20', '0.003/100/@20', '0.03/1/@20', '0.03/100/@20'],
        ...['0.01/10/0.9@20', '0.003/10/0.9@20', '0.03/10/0.9@20'],
      ],
      ['0.01/1/@10', '0.003/1/@10', '0.03/1/@10'],
    ]);
    expect(winners!.get(20)).toMatchObject({ values: { lr: 0.01, precondition_frequency: 1 }, edges: [] });
    expect(winners!.get(10)).toMatchObject({ values: { lr: 0.003, precondition_frequency: 1 } });
    expect(new Set(trials.map(({ stage }) => stage))).toEqual(
      new Set(['lr', 'lr and precondition_frequency', 'lr and shampoo_beta', 'lr of the budget']),
    );
  });

  it('goes on with fewer rates when others diverge, and ends when all do', () => {
    const few: Loss = ({ lr }) => (Number(lr) > 0.002 ? Infinity : 4);
    expect(settle(paper, few).rounds.map((round) => round.length)).toEqual([4, 3, 1]);
    expect(settle(paper, () => Infinity)).toMatchObject({ rounds: [{ length: 4 }], winners: new Map() });
  });

  it('extends the rates before they are used', () => {
    const tuning = tuningOf('{protocol: paper, lr: [0.01, 0.1], precondition_frequency: [1], extend: true}');
    const { rounds } = settle(tuning, (values) => valley(1)(values) + Number(values.precondition_frequency));
    expect(rounds.map((round) => round.map((text) => text.split('/')[0]))).toEqual([
      ['0.01', '0.1'],
      ['1'],
      ['10'],
      ['1', '0.1', '10'],
    ]);
  });
});

describe('any tuning', () => {
  it('asks for the same whatever it has known before: what was tried stays tried', () => {
    const tuning = tuningOf('{protocol: paper, lr: [0.01, 0.1], precondition_frequency: [1, 30], extend: true}');
    const losses = fc.infiniteStream(fc.oneof(fc.double({ min: 1, max: 9, noNaN: true }), fc.constant(Infinity)));
    fc.assert(
      fc.property(losses, (stream) => {
        const given = new Map<string, number>();
        const loss: Loss = (values, budget) => {
          const key = JSON.stringify([values, budget]);
          if (!given.has(key)) given.set(key, [...stream.take(1)][0]!);
          return given.get(key)!;
        };
        const { rounds, trials, winners } = settle(tuning, loss);
        expect(rounds.flat().length).toBe(trials.length);
        expect(winners).toBeDefined();
      }),
      { numRuns: 25 },
    );
  });
});
