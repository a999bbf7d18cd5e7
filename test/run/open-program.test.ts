import { onlyRun } from '../../src/config/run-config.js';
import { expect, it } from 'vitest';
import { parseExperiment } from '../../src/config/load.js';
import type { Engine, XlaChoice } from '../../src/engine/engine.js';
import { modelParameters } from '../../src/model/parameters.js';
import { createOptimizer, type OptimizerName } from '../../src/optim/registry.js';
import { planOpening } from '../../src/run/open-program.js';
import { describeOn } from '../support/engines.js';
import { describeCompiled } from '../engine/graph/support.js';

const tokens = Uint16Array.from({ length: 200 }, (_, i) => i % 50);

/** Whether the training of a configuration fuses its steps. */
async function xlaOf(
  engine: Engine,
  {
    name = 'adamw' as OptimizerName,
    seed = 0,
    before = undefined as boolean | undefined,
    xla = undefined as XlaChoice | undefined,
    batch_tokens = 1024,
  },
): Promise<boolean> {
  const config = parseExperiment({
    name: 'x',
    seed,
    ...(xla && { xla }),
    model: { n_layer: 1, d_model: 512, n_head: 8, context: 4 },
    data: { tokenizer: 'byte' },
    train: { steps: 1, batch_tokens, eval_every: 1, eval_tokens: 8 },
    optimizers: { [name]: { optimizer: name, lr: 1e-3 } },
  });
  const parameters = modelParameters(config.model, 257);
  const optimizer = createOptimizer(name, { lr: 1e-3 }, parameters);
  const opening = await planOpening(
    engine,
    onlyRun(config),
    { data: { train: tokens, val: tokens }, parameters, optimizer },
    before,
  );
  return opening.xla;
}

await describeCompiled((engine) => {
  it('fuses what is large enough where the library can, all trainings of a comparison alike', async () => {
    for (const name of ['adamw', 'soap', 'shampoo'] as const) {
      for (const seed of [0, 1]) expect(await xlaOf(engine, { name, seed }), `${name} ${seed}`).toBe(true);
    }
    // 1020 × 512 numbers are fewer than it pays for.
    expect(await xlaOf(engine, { batch_tokens: 1020 })).toBe(false);
    expect(await xlaOf(engine, { batch_tokens: 1020, xla: 'on' })).toBe(true);
    expect(await xlaOf(engine, { xla: 'off' })).toBe(false);
    expect(await xlaOf(engine, { xla: 'on' })).toBe(true);
  });

  it('goes on as an earlier part of the training began', async () => {
    expect(await xlaOf(engine, { before: false })).toBe(false);
    expect(await xlaOf(engine, { before: true })).toBe(true);
  });
});

await describeOn('cpu', (engine) => {
  it('fuses nothing where steps run operation by operation', async () => {
    expect(await xlaOf(engine, {})).toBe(false);
    expect(await xlaOf(engine, { xla: 'on' })).toBe(false);
  });
});
