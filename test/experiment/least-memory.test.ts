import { onlyRun } from '../../src/config/run-config.js';
import { describe, expect, it, vi } from 'vitest';
import { parseExperiment } from '../../src/config/load.js';
import * as system from '../../src/engine/setup/system.js';
import { assertFitsHere, largestRun, leastMemory } from '../../src/experiment/least-memory.js';
import { planRuns } from '../../src/experiment/tasks.js';
import { prepareRuns } from '../../src/experiment/prepare-runs.js';

const tiny = { n_layer: 1, d_model: 16, n_head: 2, context: 16 };
const experiment = (model: object = {}, more: object = {}) =>
  parseExperiment({
    name: 'fixed',
    model: { ...tiny, ...model },
    data: { corpus: 'sotu', tokenizer: 'byte' },
    train: { steps: 12, batch_tokens: 128, eval_every: 4, eval_tokens: 128 },
    optimizers: { adamw: { lr: 0.003 } },
    ...more,
  });
const run = (...parts: Parameters<typeof experiment>) => onlyRun(experiment(...parts));
const huge = { n_layer: 1000, d_model: 2 ** 17 };

describe('the least memory of a run', () => {
  it('is weights, gradients, state, and the logits of a microbatch', () => {
    // Embedding and head 257 × 16, a block of 3 · 16² + 16² + 2 · 4 · 16² and four norms, a norm.
    const weights = 4 * (2 * 257 * 16 + 12 * 16 ** 2 + 5 * 16);
    const logits = 4 * 128 * 257;
    expect(leastMemory(run())).toEqual({ weights, gradients: weights, state: 2 * weights, activations: logits });
    expect(leastMemory(run({}, { precision: 'bfloat16' })).activations).toBe(logits / 2);
  });

  it('counts the scores of attention where they are larger', () => {
    expect(leastMemory(run({ context: 128, n_head: 4 })).activations).toBe(4 * 128 * 4 * 128);
  });

  it('is that of the largest', () => {
    const runs = planRuns(
      experiment({}, { optimizers: { adamw: { lr: 0.003 }, soap: { lr: 0.003 }, sgd: { lr: 0.1 } } }),
    );
    expect(largestRun(runs).run.label).toBe('soap');
  });
});

describe('a model that is too large for the memory here', () => {
  it('is refused before its text is read', async () => {
    const runs = planRuns(experiment(huge));
    await expect(prepareRuns(runs, '/nowhere', {})).rejects.toMatchObject({
      code: 'memory_too_small',
      exitCode: 6,
      message: expect.stringMatching(
        /^adamw takes at least \d+ TB of memory, and there are [\d.]+ GB here: /,
      ) as string,
    });
  });

  it('may fit into a graphics card', () => {
    const driver = vi.spyOn(system, 'nvidiaDriver').mockReturnValue('550.54');
    expect(() => {
      assertFitsHere(planRuns(experiment(huge)));
    }).not.toThrow();
    driver.mockRestore();
  });
});
