import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { onlyRun } from '../../src/config/run-config.js';
import { loadExperiment, loadSweep } from '../../src/config/load.js';
import { failureOf } from '../report/helpers.js';

const file = 'test/config/overridden.yaml';
const load = (...overrides: string[]) => loadSweep({ files: [file], overrides });

/** Loads overridden.yaml under a second file with these lines. */
function loadWith(lines: string, ...overrides: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'soap-bench-sweep-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const second = join(folder, 'more.yaml');
  writeFileSync(second, lines);
  return { load: () => loadSweep({ files: [file, second], overrides }), second };
}

/** `soap lr=0.1 seed=0`, a line a variant. */
function titles({ variants }: ReturnType<typeof load>): string[] | undefined {
  return variants?.map(({ label, choices, config: { seed } }) =>
    [label, ...choices.map(({ key, value }) => `${key.split('.').at(-1)}=${JSON.stringify(value)}`), seed].join(' '),
  );
}

const messageOf = (action: () => unknown) => failureOf(action).message;

describe('a list', () => {
  it('of an optimizer’s option is tried with that optimizer alone', () => {
    const sweep = load('optimizers.soap.precondition_frequency=1,5,10');
    expect(titles(sweep)).toEqual([
      'adamw 0',
      'soap precondition_frequency=1 0',
      'soap precondition_frequency=5 0',
      'soap precondition_frequency=10 0',
    ]);
    const { config } = sweep.variants![2]!;
    expect(config).toMatchObject({ label: 'soap', optimizer: 'soap', options: { precondition_frequency: 5 } });
    expect(sweep.config.baseline).toBe('adamw');
    expect(sweep.config.optimizers.soap!.precondition_frequency).toBe(1);
  });

  it('of another key is tried with every optimizer, the last list fastest and seeds inside', () => {
    expect(titles(load('train.steps=20,40', 'seeds=0,1', '~optimizers.adamw', 'optimizers.soap.lr=1,2'))).toEqual([
      'soap steps=20 lr=1 0',
      'soap steps=20 lr=1 1',
      'soap steps=20 lr=2 0',
      'soap steps=20 lr=2 1',
      'soap steps=40 lr=1 0',
      'soap steps=40 lr=1 1',
      'soap steps=40 lr=2 0',
      'soap steps=40 lr=2 1',
    ]);
  });

  it('that is the value of its option is no list of values', () => {
    expect(load('optimizers.soap.betas=[0.9,0.99]').variants).toBeUndefined();
    expect(load('optimizers.soap.betas=0.9,0.99').config.optimizers.soap).toMatchObject({ betas: [0.9, 0.99] });
    const sweep = load('optimizers.soap.betas=[0.9,0.95],[0.95,0.99]');
    expect(titles(sweep)).toEqual(['adamw 0', 'soap betas=[0.9,0.95] 0', 'soap betas=[0.95,0.99] 0']);
    expect(sweep.variants![1]!.config.options).toMatchObject({ betas: [0.9, 0.95] });
    // The options of an optimizer that only its preset names.
    expect(load('optimizers.soap-kl.betas=[0.9,0.99]').variants).toBeUndefined();
  });

  it('of presets, scales and schedules is tried, too', () => {
    const shapes = load('model=210m,360m', 'model.scale=1/4,1/2', '~optimizers.soap');
    expect(shapes.variants!.map(({ config: { model } }) => model.d_model)).toEqual([
      ...[1024 / 4, 1024 / 2].map((width) => width),
      ...[1024 / 4, 1024 / 2].map((width) => width),
    ]);
    const schedules = load('train.schedule={name: constant},{name: linear, warmup_steps: 2}', '~optimizers.soap');
    expect(schedules.variants!.map(({ config: { train } }) => train.schedule.name)).toEqual(['constant', 'linear']);
  });

  it('of one value is a sweep of one', () => {
    expect(titles(load('seeds=[3]'))).toEqual(['adamw 3', 'soap 3']);
  });

  it('leaves a configuration without lists as it was', () => {
    const sweep = load('seed=4');
    expect(sweep.variants).toBeUndefined();
    expect(sweep.config).toEqual(loadExperiment({ files: [file], overrides: ['seed=4'] }));
  });

  it('gives every variant the configuration that it would have by itself', () => {
    const { variants } = load('optimizers.soap.lr=0.1,0.2', 'seeds=0,1');
    const alone = loadExperiment({
      files: [file],
      overrides: ['optimizers.soap.lr=0.2', 'seed=1', '~optimizers.adamw'],
    });
    expect(variants!.at(-1)!.config).toEqual(onlyRun(alone));
  });
});

describe('a sweep block', () => {
  it('has a grid of lists and of values on a logarithmic scale', () => {
    const { load } = loadWith(`
sweep:
  parameters:
    optimizers.soap.lr: { distribution: log_uniform_values, min: 1e-4, max: 1e-2, count: 3 }
    optimizers.adamw.lr: [0.1, 0.2]
    optimizers.soap.precondition_frequency: { values: [1, 10] }
`);
    expect(titles(load())).toEqual([
      'adamw lr=0.1 0',
      'adamw lr=0.2 0',
      ...[0.0001, 0.001, 0.01].flatMap((lr) => [1, 10].map((f) => `soap lr=${lr} precondition_frequency=${f} 0`)),
    ]);
  });

  it('zips lists', () => {
    const { load } = loadWith(`
sweep:
  zip:
    - train.steps: [20, 40]
      train.eval_every: [2, 4]
      optimizers.soap.lr: [0.1, 0.2]
`);
    expect(titles(load())).toEqual([
      'adamw steps=20 eval_every=2 0',
      'adamw steps=40 eval_every=4 0',
      'soap steps=20 eval_every=2 lr=0.1 0',
      'soap steps=40 eval_every=4 lr=0.2 0',
    ]);
  });

  it('takes a sweep of W&B as it is', () => {
    const block = (cap: number) => `
sweep:
  method: random
  metric: { name: val_loss, goal: minimize }
  run_cap: ${cap}
  parameters:
    optimizers:
      parameters:
        soap:
          parameters:
            lr: { distribution: log_uniform_values, min: 0.0001, max: 0.1 }
            precondition_frequency: { min: 1, max: 3 }
            weight_decay: { value: 0.05 }
            correct_bias: { values: [true, false] }
`;
    const draws = (cap: number) => {
      const { variants } = loadWith(block(cap)).load();
      return variants!.filter(({ label }) => label === 'soap').map(({ choices }) => choices.map(({ value }) => value));
    };
    const many = draws(40);
    expect(many).toHaveLength(40);
    for (const [lr, frequency, decay, corrects] of many) {
      expect(lr).toBeGreaterThan(0.0001);
      expect(lr).toBeLessThan(0.1);
      expect([1, 2, 3]).toContain(frequency);
      expect(decay).toBe(0.05);
      expect([true, false]).toContain(corrects);
    }
    // Half of a logarithmic range lies below its geometric mean.
    const small = many.filter(([lr]) => (lr as number) < Math.sqrt(0.0001 * 0.1)).length;
    expect(small).toBeGreaterThan(10);
    expect(small).toBeLessThan(30);
    expect(new Set(many.map(([, frequency]) => frequency)).size).toBe(3);
    // A larger cap adds draws to those that there were.
    expect(draws(5)).toEqual(many.slice(0, 5));
  });

  it('caps a grid', () => {
    const { load } = loadWith(
      'sweep: { run_cap: 2, parameters: { optimizers.soap.lr: [0.1, 0.2, 0.3] } }\n',
      'seeds=0,1',
    );
    expect(titles(load())).toEqual([
      ...['adamw 0', 'adamw 1'],
      ...['soap lr=0.1 0', 'soap lr=0.1 1', 'soap lr=0.2 0', 'soap lr=0.2 1'],
    ]);
  });

  it('takes the first settings of a grid that nobody could train', () => {
    const values = Array.from({ length: 100 }, (_, index) => index + 1).join(', ');
    const ofSoap = ['lr', 'eps', 'weight_decay', 'precondition_frequency'].map((key) => `optimizers.soap.${key}`);
    // So many combinations that nobody could list them either.
    const keys = ['train.max_loss', 'train.grad_clip', 'train.log_every', ...ofSoap];
    const parameters = keys.map((key) => `${key}: [${values}]`).join(', ');
    const { load } = loadWith(`sweep: { run_cap: 3, parameters: { ${parameters} } }\n`);
    const soap = titles(load())!.filter((title) => title.startsWith('soap'));
    expect(soap.map((title) => /precondition_frequency=(\d+)/.exec(title)?.[1])).toEqual(['1', '2', '3']);
    const seeds = loadWith('sweep: { run_cap: 3, parameters: { seed: { min: 0, max: 4294967295 } } }\n');
    expect(titles(seeds.load())).toEqual(['adamw 0', 'adamw 1', 'adamw 2', 'soap 0', 'soap 1', 'soap 2']);
  });

  it('draws without replacement, the same ones for every cap', () => {
    const draws = (cap: number) => {
      const values = 'train.eval_every: [5, 10, 20], optimizers.soap.lr: [0.1, 0.1, 0.2]';
      const { load } = loadWith(`sweep: { method: random, run_cap: ${cap}, parameters: { ${values} } }\n`);
      return titles(load())!.filter((title) => title.startsWith('soap'));
    };
    expect(new Set(draws(6)).size).toBe(6);
    expect(draws(4)).toEqual(draws(6).slice(0, 4));
    expect(messageOf(() => draws(7))).toMatch(
      /sweep\.run_cap: found 7, expected at most 6: there are no more different settings\.$/,
    );
  });

  it('draws all that there are, once each', () => {
    const { load } = loadWith(
      'sweep: { method: random, run_cap: 300, parameters: { seed: { min: 1, max: 300 } } }\n',
      '~optimizers.adamw',
      'baseline=soap',
    );
    const seeds = load().variants!.map(({ config }) => config.seed);
    expect(seeds.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
  });

  it('is not taken where a single setting belongs', () => {
    const { second } = loadWith('sweep: { parameters: { seed: [0, 1] } }\n');
    expect(messageOf(() => loadExperiment({ files: [file, second], overrides: [] }))).toBe(
      `${second}:1:1: sweep: found a sweep, expected a single setting here.`,
    );
  });
});

describe('a broken sweep', () => {
  it.each([
    ['a list', '', [`seeds=${Array.from({ length: 10_001 }, (_, index) => index).join(',')}`]],
    [
      'lists',
      '',
      [
        `seeds=${Array(200)
          .fill(0)
          .map((_, i) => i)
          .join(',')}`,
        `train.max_loss=${Array(200)
          .fill(0)
          .map((_, i) => i + 1)
          .join(',')}`,
      ],
    ],
    ['a grid', 'sweep: { parameters: { seed: { min: 0, max: 4294967295 } } }', []],
    [
      'a capped grid and lists',
      'sweep: { run_cap: 200, parameters: { seed: { min: 0, max: 999 } } }',
      [
        `train.max_loss=${Array(200)
          .fill(0)
          .map((_, i) => i + 1)
          .join(',')}`,
      ],
    ],
  ])('has more trainings than anybody waits for: %s', (_, text, words) => {
    const { load } = loadWith(`${text || 'seed: 0'}\n`, ...words);
    expect(messageOf(load)).toMatch(
      /(seed|max_loss).*: found more than 10,000 runs in all, expected fewer values, or a sweep with run_cap/,
    );
  });

  it.each([
    ['run_cap: 10001', 'sweep.run_cap: found 10001, expected a whole number from 1 to 10,000'],
    [
      'parameters: { seed: { min: 0, max: 1e9, count: 100000000 } }',
      'count: found 100000000, expected a whole number from 2 to 10,000',
    ],
  ])('asks for too many: %s', (text, message) => {
    expect(messageOf(loadWith(`sweep: { ${text} }\n`).load)).toContain(message);
  });

  it.each([
    [
      ['optimizers.soap.lr=1e-3,fast'],
      'command line: optimizers.soap.lr=1e-3,fast: found "fast", expected a number > 0 (test/config/overridden.yaml:10:15 sets it to 0.003).',
    ],
    [['train.stpes=1,2'], /train\.stpes=1,2: found an unknown key, expected one of: steps.* did you mean "steps"\?$/],
    [
      ['optimizers.soap.lr=[]'],
      'command line: optimizers.soap.lr=[]: found an empty list, expected at least one value (test/config/overridden.yaml:10:15 sets it to 0.003).',
    ],
    [['baseline=adamw,soap'], /found \["adamw", "soap"\], expected text/],
    [
      ['train.batch_tokens=1024,100'],
      'command line: train.batch_tokens=1024,100: found 100, expected a multiple of model.context, which is 64, such as 128 (test/config/overridden.yaml:1:45) (test/config/overridden.yaml:5:17 sets it to 1024).',
    ],
  ])('%j', (words, message) => {
    const found = messageOf(() => load(...words));
    if (typeof message === 'string') expect(found).toBe(message);
    else expect(found).toMatch(message);
  });

  it.each([
    ['sweep: 3', '1:8: sweep: found 3, expected a mapping.'],
    [
      'sweep: { grid: {} }',
      '1:10: sweep.grid: found an unknown key, expected one of: method, metric, parameters, zip, run_cap, seed.',
    ],
    ['sweep: { method: bayes }', '1:18: sweep.method: found "bayes", expected one of grid, random.'],
    [
      'sweep: { metric: { goal: maximize } }',
      '1:26: sweep.metric.goal: found "maximize", expected minimize. did you mean "minimize"?',
    ],
    [
      'sweep: { method: random }',
      '1:18: sweep.method: found random without run_cap, expected run_cap: the number of settings to draw.',
    ],
    [
      'sweep: { parameters: { seed: 3 } }',
      '1:30: sweep.parameters.seed: found a single value, expected a list, or a mapping with values, or min and max.',
    ],
    ['sweep: { parameters: { seed: [] } }', '1:30: sweep.parameters.seed: found an empty list, expected values.'],
    [
      'sweep: { parameters: { seed: { vales: [1] } } }',
      '1:32: sweep.parameters.seed.vales: found an unknown key, expected one of: value, values, distribution, min, max, count. did you mean "values"?',
    ],
    [
      'sweep: { parameters: { seed: { min: 1 } } }',
      '1:30: sweep.parameters.seed: found min 1 and max left out, expected both, min below max.',
    ],
    [
      'sweep: { parameters: { seed: { min: 1, max: 2, values: [1] } } }',
      '1:30: sweep.parameters.seed: expected one of value, values, or min and max.',
    ],
    [
      'sweep: { parameters: { train.grad_clip: { min: 0.1, max: 2 } } }',
      '1:41: sweep.parameters.train.grad_clip: found a range, expected count too: the number of values of the grid.',
    ],
    [
      'sweep: { parameters: { train.grad_clip: { min: 0, max: 2, distribution: log_uniform_values, count: 3 } } }',
      '1:41: sweep.parameters.train.grad_clip: found min 0, expected a number > 0 with log_uniform_values.',
    ],
    [
      'sweep: { method: random, run_cap: 2, parameters: { seed: { min: 0, max: 2, count: 3 } } }',
      '1:58: sweep.parameters.seed: found count, expected none: run_cap says how many to draw.',
    ],
    [
      'sweep: { parameters: { optimizers.shampoo.lr: [1, 2] } }',
      '1:24: optimizers.shampoo.lr: found the label "shampoo", expected one of the labels of optimizers: adamw, soap.',
    ],
    [
      'sweep: { parameters: { optimizers.soap.lr: [1, x] } }',
      '1:48: optimizers.soap.lr: found "x", expected a number > 0.',
    ],
    [
      'sweep: { zip: { seed: [1, 2], train.steps: [20] } }',
      '1:44: sweep.zip.train.steps: found 1 value, expected 2, as many as seed has.',
    ],
    [
      'sweep: { zip: { seed: 1 } }',
      '1:17: sweep.zip.seed: found no list, expected the values that go together with the others.',
    ],
    ['seeds: [1, 2]\nseed: 1', '1:1: seeds: found seeds beside seed, expected one of the two.'],
  ])('%s', (lines, message) => {
    const { load, second } = loadWith(`${lines}\n`);
    expect(messageOf(load)).toBe(`${second}:${message}`);
  });

  it('says once what is wrong with all of it', () => {
    const found = messageOf(() => load('train.eval_every=0', 'seeds=0,1,2'));
    expect(found).toBe(
      'command line: train.eval_every=0: found 0, expected a whole number ≥ 1 (test/config/overridden.yaml:6:15 sets it to 10).',
    );
  });
});
