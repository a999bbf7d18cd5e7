import { onlyRun } from '../../../src/config/run-config.js';
import { describe, expect, it } from 'vitest';
import { loadExperiment, loadSweep } from '../../../src/config/load.js';
import { taskId } from '../../../src/config/digest.js';
import { planTasks } from '../../../src/experiment/tasks.js';
import { failureOf } from '../../report/helpers.js';

const files = ['test/config/overridden.yaml'];
const warm = 'train.schedule={name: cosine, warmup_steps: 5}';
const load = (...overrides: string[]) => loadSweep({ files, overrides: ['train.steps=20', warm, ...overrides] });
const lengths = (...overrides: string[]) =>
  load(...overrides).variants!.map(({ label, config: { seed, train } }) => {
    return [label, train.steps, train.schedule.warmup_steps, seed].join(' ');
  });

describe('budgets', () => {
  it('are trainings of their own, each with its share of the warm-up, seeds inside', () => {
    expect(lengths('budgets.fraction=0.5,0.8,1', 'seeds=0,1', '~optimizers.soap')).toEqual([
      'adamw 10 2 0',
      'adamw 10 2 1',
      'adamw 16 4 0',
      'adamw 16 4 1',
      'adamw 20 5 0',
      'adamw 20 5 1',
    ]);
    expect(lengths('budgets.steps=40,8', '~optimizers.soap')).toEqual(['adamw 40 10 0', 'adamw 8 2 0']);
  });

  it('concern every optimizer, and go with everything else that is swept', () => {
    expect(lengths('budgets.steps=[10]', 'optimizers.soap.lr=1,2')).toEqual([
      'adamw 10 2 0',
      'soap 10 2 0',
      'soap 10 2 0',
    ]);
    const schedules = 'train.schedule={name: constant},{name: linear, warmup_steps: 8},{name: wsd, warmup_steps: 16}';
    expect(lengths('budgets.fraction=[0.5]', schedules, '~optimizers.soap')).toEqual([
      'adamw 10 0 0',
      'adamw 10 4 0',
      'adamw 10 8 0',
    ]);
  });

  it('keep the share that warm-ups of an optimizer have of the training, too', () => {
    const own = [
      'optimizers.slow={optimizer: ademamix, alpha_warmup: 20, beta3_warmup: 11}',
      'optimizers.preset={preset: ademamix, alpha_warmup: 4}',
      'optimizers.schedule-free-adamw={warmup_steps: [3, 8]}',
    ];
    const { variants } = load(
      'budgets.steps=10,20,40',
      ...own,
      '~optimizers.soap',
      '~optimizers.adamw',
      'baseline=slow',
    );
    expect(
      variants!.map(({ label, config: { options } }) => {
        const warmups = Object.entries(options).filter(([key]) => key.includes('warmup'));
        return [label, ...warmups.map(([, length]) => Number(length))].join(' ');
      }),
    ).toEqual([
      'slow 10 5',
      'slow 20 11',
      'slow 40 22',
      'preset 2 0',
      'preset 4 0',
      'preset 8 0',
      'schedule-free-adamw 1',
      'schedule-free-adamw 3',
      'schedule-free-adamw 6',
      'schedule-free-adamw 4',
      'schedule-free-adamw 8',
      'schedule-free-adamw 16',
    ]);
  });

  it('are shares of each length where lengths are swept beside batches, with the warm-up of the whole', () => {
    const words = ['budgets.fraction=0.5,1', 'sweep.zip={train.batch_tokens: [64, 128], train.steps: [20, 12]}'];
    const variants = load(...words, '~optimizers.soap').variants!;
    expect(
      variants.map(({ config: { train } }) => [train.batch_tokens, train.steps, train.schedule.warmup_steps]),
    ).toEqual([
      [64, 10, 2],
      [64, 20, 5],
      [128, 6, 1],
      [128, 12, 3],
    ]);
    expect(variants[2]!.choices).toEqual([
      { key: 'train.batch_tokens', value: 128 },
      { key: 'train.steps', value: 6 },
    ]);
  });

  it('are the same tasks as trainings of that length', () => {
    const { config, variants } = load('budgets.fraction=0.5,1', '~optimizers.soap');
    const alone = loadExperiment({
      files,
      overrides: ['train.steps=10', 'train.schedule={name: cosine, warmup_steps: 2}', '~optimizers.soap'],
    });
    const tasks = planTasks(variants!, config.baseline);
    expect(tasks.map(({ label }) => label)).toEqual(['adamw train.steps=10 seed=0', 'adamw train.steps=20 seed=0']);
    expect(tasks[0]!.id).toBe(taskId(onlyRun(alone)));
    expect(config.train.steps).toBe(20);
  });

  it('that round to the same steps are one', () => {
    expect(lengths('budgets.fraction=0.49,0.51,0.01', '~optimizers.soap')).toEqual(['adamw 10 2 0', 'adamw 1 0 0']);
  });

  it.each([
    [['budgets.fraction=0.5,2'], /budgets\.fraction\.1: found 2, expected a number > 0 and ≤ 1/],
    [['budgets.fraction=0.5'], /found 0\.5, expected a list of shares of train\.steps\.$/],
    [['budgets.steps=[]'], /found \[\], expected a list of numbers of steps\.$/],
    [['budgets={}'], /found neither steps nor fraction, expected one of the two\.$/],
    [['budgets={steps: [5], fraction: [1]}'], /found steps and fraction, expected one of the two\.$/],
    [['budgets.part=1'], /budgets\.part=1: found an unknown key, expected one of: steps, fraction\.$/],
    [['budgets=3'], /found 3, expected a mapping\.$/],
    [['budgets.steps=[5]', 'train.steps=10,20'], /train\.steps=10,20: found several values beside budgets/],
    [['budgets.fraction=[1]', 'train.steps=10,20'], /train\.steps=10,20: found several values beside budgets/],
    [['budgets.steps=[5]', 'train.steps=x'], /train\.steps=x: found "x", expected a whole number from 1 to/],
  ])('are refused: %j', (words, message) => {
    expect(failureOf(() => load(...words)).message).toMatch(message);
  });

  it('are not taken where a single setting belongs', () => {
    const { message } = failureOf(() => loadExperiment({ files, overrides: ['budgets.steps=[5]'] }));
    expect(message).toMatch(/budgets\.steps=\[5\]: budgets: found budgets, expected a single setting here\.$/);
  });
});
