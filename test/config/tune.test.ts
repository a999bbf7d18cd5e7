import { describe, expect, it } from 'vitest';
import { loadExperiment, loadSweep } from '../../src/config/load.js';
import { failureOf } from '../report/helpers.js';

const files = ['test/config/overridden.yaml'];
const load = (...overrides: string[]) => loadSweep({ files, overrides });

describe('tune', () => {
  it('leaves other optimizers as they are, and gives its own every budget and seed', () => {
    const { variants, tuned, config, source } = load(
      'optimizers.soap.tune.lr=0.1,0.2',
      'budgets.fraction=0.5,1',
      'seeds=0,1',
    );
    expect(variants!.map(({ label }) => label)).toEqual(['adamw', 'adamw', 'adamw', 'adamw']);
    expect(tuned.map(({ config: { seed, train } }) => [train.steps, seed])).toEqual([
      [10, 0],
      [10, 1],
      [20, 0],
      [20, 1],
    ]);
    const request = { grid: [{ key: 'lr', values: [0.1, 0.2] }], protocol: 'grid', extend: false, seed: 1000 };
    expect(tuned.map(({ tune }) => tune)).toEqual(Array(4).fill(request));
    expect(tuned[0]!.hasBudget).toBe(true);
    expect(config.optimizers.soap).toMatchObject({ lr: 0.1 });
    expect(config.optimizers.soap).not.toHaveProperty('tune');
    expect(source.optimizers).toMatchObject({ soap: { tune: { lr: [0.1, 0.2] } } });
  });

  it('takes the ranges of a sweep, and lists as values', () => {
    const { tuned } = load(
      'optimizers.soap.tune={lr: {min: 1e-3, max: 0.1, count: 3, distribution: log_uniform_values}, betas: [[0.9, 0.95], [0.95, 0.95]], extend: true}',
    );
    expect(tuned).toHaveLength(1);
    expect(tuned[0]!.tune).toEqual({
      grid: [
        { key: 'lr', values: [0.001, 0.01, 0.1] },
        {
          key: 'betas',
          values: [
            [0.9, 0.95],
            [0.95, 0.95],
          ],
        },
      ],
      protocol: 'grid',
      extend: true,
      seed: 1000,
    });
  });

  it('goes with lists of other options, each of which is tuned', () => {
    const { tuned } = load('optimizers.soap.tune.lr=0.1,0.2', 'optimizers.soap.precondition_frequency=1,10');
    expect(tuned.map(({ choices }) => choices)).toEqual(
      [1, 10].map((value) => [{ key: 'optimizers.soap.precondition_frequency', value }]),
    );
  });

  it('keeps the other options as they are with the protocol of the paper', () => {
    const { tuned } = load('optimizers.soap.tune={protocol: paper, lr: [0.1, 0.2], precondition_frequency: [1]}');
    expect(tuned[0]!.config.options).toMatchObject({ lr: 0.1, precondition_frequency: 10 });
  });

  it('is checked value by value', () => {
    const { message } = failureOf(() => load('optimizers.soap.tune={lr: [0.1, fast], precondition_frequency: [1, 0]}'));
    expect(message).toMatch(/^2 mistakes:/);
    expect(message).toContain('found "fast", expected a number > 0');
    expect(message).toContain('found 0, expected a whole number ≥ 1');
  });

  it.each([
    [['optimizers.soap.tune=3'], /tune=3: found 3, expected a mapping\.$/],
    [['optimizers.soap.tune={lr: [1, 2], seed: -1}'], /tune\.seed: found -1, expected a whole number ≥ 0/],
    [
      ['optimizers.soap.tune={lr: [1, 2], seed: 1}', 'seeds=0,1'],
      /found 1, which is among the seeds that are reported/,
    ],
    // The seed where none is written.
    [['optimizers.soap.tune={lr: [1, 2], seed: 0}'], /found 0, which is among the seeds that are reported/],
    [['optimizers.soap.tune={lr: [1, 2]}', 'seed=1000'], /found 1000, which is among the seeds that are reported/],
    [['optimizers.soap.tune={}'], /found nothing to tune, expected options such as/],
    [['optimizers.soap.tune={extend: true}'], /found nothing to tune/],
    [['optimizers.soap.tune={lr: 0.1}'], /tune\.lr: found a single value, expected a list/],
    [['optimizers.soap.tune={lr: [0.1, 1e-1]}'], /tune\.lr: found one value, expected at least two to choose from\.$/],
    [['optimizers.soap.tune={lr: {min: 1, max: 2}, extend: 1}'], /tune\.extend: found 1, expected true or false\.$/],
    [
      ['optimizers.soap.tune={protocol: papre, lr: [1, 2]}'],
      /found "papre", expected one of grid, paper\. did you mean/,
    ],
    [['optimizers.soap.tune={protocol: paper, weight_decay: [0, 1]}'], /found no learning rates, expected lr/],
    [
      ['optimizers.soap.tune={learning_rate: [1, 2]}'],
      /learning_rate: found an unknown key, expected one of: lr, betas/,
    ],
    [['optimizers.soap.tune.lr=1,2', 'optimizers.soap.lr=1,2'], /lr=1,2: found several values and lr in tune/],
    [
      ['optimizers.soap.tune.lr=1,2', 'target=3', 'train.stop_at_target=true'],
      /train\.stop_at_target=true: found true and a tune, expected false/,
    ],
  ])('is refused: %j', (words, message) => {
    expect(failureOf(() => load(...words)).message).toMatch(message);
  });

  it('is not taken where a single setting belongs', () => {
    const { message } = failureOf(() => loadExperiment({ files, overrides: ['optimizers.soap.tune.lr=1,2'] }));
    expect(message).toMatch(/tune: found tune, expected a single setting here\.$/);
  });
});
