import { onlyRun } from '../../../src/config/run-config.js';
import { describe, expect, it } from 'vitest';
import { parseExperiment } from '../../../src/config/load.js';
import { taskId } from '../../../src/config/digest.js';

describe('the key tensorboard', () => {
  const config = (more: object) =>
    parseExperiment({
      name: 'demo',
      model: { n_layer: 1, d_model: 4, n_head: 1, context: 10 },
      data: { corpus: 'sotu', tokenizer: 'byte' },
      train: { steps: 10, batch_tokens: 100, eval_every: 10, eval_tokens: 100 },
      optimizers: { soap: { lr: 0.003 } },
      ...more,
    });

  it('is off by default and has no part in the ids of tasks', () => {
    expect(config({}).tensorboard).toBe(false);
    const id = (more: object) => taskId(onlyRun(config(more)));
    expect(id({ tensorboard: true })).toBe(id({}));
    expect(id({ seed: 1 })).not.toBe(id({}));
  });
});
