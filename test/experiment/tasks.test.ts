import { describe, expect, it } from 'vitest';
import { loadExperiment, loadSweep, parseExperiment } from '../../src/config/load.js';
import { asExperiment, onlyRun, runConfigs, type RunConfig } from '../../src/config/run-config.js';
import {
  costKey,
  isMeasurable,
  makespan,
  measurement,
  modelOperations,
  trainingSeconds,
} from '../../src/experiment/estimate.js';
import { taskId } from '../../src/config/digest.js';
import { planTasks } from '../../src/experiment/tasks.js';

const files = ['test/config/overridden.yaml'];
const single = (...overrides: string[]): RunConfig =>
  onlyRun(loadExperiment({ files, overrides: ['~optimizers.adamw', ...overrides] }));
const tasksOf = (...overrides: string[]) => {
  const { config, variants } = loadSweep({ files, overrides });
  return planTasks(variants!, config.baseline);
};

describe('the id of a task', () => {
  it('names the optimizer, and does not depend on the order of keys', () => {
    const config = onlyRun(
      parseExperiment({
        name: 'fixed',
        model: { n_layer: 1, d_model: 16, n_head: 2, context: 16 },
        data: { corpus: 'sotu', tokenizer: 'byte' },
        train: { steps: 12, batch_tokens: 128, eval_every: 4, eval_tokens: 128 },
        optimizers: { adamw: { lr: 0.003 } },
      }),
    );
    expect(taskId(config)).toMatch(/^adamw-[0-9a-f]{10}$/);
    const shuffled = Object.fromEntries(Object.entries(config).toReversed()) as unknown as RunConfig;
    expect(taskId(shuffled)).toBe(taskId(config));
  });

  it.each([
    'optimizers.soap.lr=0.1',
    'optimizers.soap.precondition_frequency=7',
    'seed=1',
    'train.steps=30',
    'train.eval_every=5',
    'model.context=32',
    'data.vocab_size=1024',
    'data=sotu',
    'precision=bfloat16',
    'engine=wasm',
    'threads=1',
  ])('changes with %s', (word) => {
    expect(taskId(single(word))).not.toBe(taskId(single()));
  });

  it('does not change with what things are called, and with the target', () => {
    const id = taskId(single());
    expect(taskId(single('name=other'))).toBe(id);
    expect(taskId(single('target=3'))).toBe(id);
    expect(taskId(single('~optimizers.soap', 'optimizers.mine={optimizer: soap, preset: soap, lr: 3e-3}'))).toBe(id);
  });

  it('changes with the target where runs end at it', () => {
    const stops = 'train.stop_at_target=true';
    expect(taskId(single('target=3', stops))).not.toBe(taskId(single('target=4', stops)));
  });
});

describe('the tasks of a sweep', () => {
  it('have unique names, those of the baseline first', () => {
    const tasks = tasksOf('baseline=soap', 'seeds=0,1', 'optimizers.soap.lr=0.1,0.2', 'train.steps=20,40');
    expect(tasks.slice(0, 2).map(({ label }) => label)).toEqual([
      'soap train.steps=20 lr=0.1 seed=0',
      'soap train.steps=20 lr=0.1 seed=1',
    ]);
    expect(tasks.at(-1)!.label).toBe('adamw train.steps=40 seed=1');
    expect(new Set(tasks.map(({ label }) => label)).size).toBe(12);
    expect(new Set(tasks.map(({ id }) => id)).size).toBe(12);
  });

  it('stay the same when values are added', () => {
    const few = tasksOf('optimizers.soap.lr=0.1,0.2').map(({ id }) => id);
    const more = tasksOf('optimizers.soap.lr=0.3,0.2,0.1').map(({ id }) => id);
    expect(more).toEqual(expect.arrayContaining(few));
    expect(more).toHaveLength(few.length + 1);
  });

  it('are listed once where settings come to the same', () => {
    expect(tasksOf('optimizers.soap.lr=0.1,0.1')).toHaveLength(2);
  });
});

describe('the estimate of a task', () => {
  it('measures once what costs the same', () => {
    const cost = costKey(single());
    expect(costKey(single('seed=3', 'optimizers.soap.lr=0.1', 'train.steps=999', 'train.eval_every=7'))).toBe(cost);
    expect(costKey(single('optimizers.soap.precondition_frequency=3'))).not.toBe(cost);
    expect(costKey(single('train.batch_tokens=2048'))).not.toBe(cost);
  });

  it('is measured only where that is a matter of a minute', () => {
    // The paper's 360m model: 24 layers of 12 · 1024² weights and a head, a batch of two million tokens.
    const paper = single(
      ...['n_layer=24', 'd_model=1024', 'n_head=16', 'context=1024'].map((word) => `model.${word}`),
      'train.batch_tokens=2097152',
      'train.microbatch_tokens=32768',
      'train.eval_tokens=1048576',
    );
    expect(modelOperations(paper, 32128)).toBe(6 * (24 * 12 * 1024 ** 2 + 32128 * 1024) * 2097152);
    expect(isMeasurable(paper, 32128)).toBe(false);
    const eighth = single(
      ...['n_layer=3', 'd_model=128', 'n_head=2', 'context=128'].map((word) => `model.${word}`),
      'train.batch_tokens=4096',
      'train.eval_tokens=1024',
    );
    expect(isMeasurable(eighth, 1024)).toBe(true);
  });

  it('are measured without warm-ups, which may be longer than the measured steps', () => {
    const only = {
      optimizers: { ademamix: { alpha_warmup: 40, beta3_warmup: 30 }, 'schedule-free-adamw': { warmup_steps: 40 } },
    };
    const config = parseExperiment({
      model: { n_layer: 1, d_model: 16, n_head: 2, context: 16 },
      data: 'sotu',
      train: { steps: 40, batch_tokens: 64, eval_every: 40, eval_tokens: 64 },
      ...only,
    });
    for (const run of runConfigs(config)) {
      expect(() => parseExperiment(asExperiment(measurement(run)))).not.toThrow();
    }
  });

  it('adds up start, steps and evaluations', () => {
    const cost = { startup_s: 5, step_s: 0.1, evaluation_s: 2 };
    // Evaluated at the steps 0, 8, 16 and 20.
    expect(trainingSeconds(single('train.eval_every=8'), cost)).toBeCloseTo(5 + 20 * 0.1 + 4 * 2, 12);
  });
});

describe('the time of several tasks at once', () => {
  it('ends with the last of them, each begun when one before it has ended', () => {
    expect(makespan([3, 1, 2], 1)).toBe(6);
    expect(makespan([3, 1, 2], 2)).toBe(3);
    expect(makespan([1, 1, 4], 2)).toBe(5);
    expect(makespan([], 2)).toBe(0);
  });
});
