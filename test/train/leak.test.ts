import { memory } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { CompiledProgram } from '../../src/engine/graph/compiled-program.js';
import { EagerProgram } from '../../src/engine/eager.js';
import { nativeBackend } from '../../src/engine/graph/native.js';
import { modelSchema } from '../../src/model/config.js';
import { modelParameters } from '../../src/model/parameters.js';
import { createOptimizer } from '../../src/optim/registry.js';
import { trainLoop, type LoopOptions } from '../../src/train/loop.js';
import { TrainingProgram } from '../../src/train/training-program.js';
import { describeOn } from '../support/engines.js';
import { wholes } from '../support/random.js';

const vocabulary = 11;
const context = 4;
const model = modelSchema.parse({ n_layer: 1, d_model: 4, n_head: 1, context });
const parameters = modelParameters(model, vocabulary);
const frequency = 10;

/** With refreshes and evaluations between plain steps, so that every kind of step is in play. */
const optionsWith = (steps: number, microbatches: number): LoopOptions => ({
  seed: 0,
  context,
  shuffle: true,
  lr: 1e-3,
  train: {
    steps,
    batch_tokens: microbatches * 2 * context,
    microbatch_tokens: 2 * context,
    eval_every: 100,
    eval_tokens: 4 * context,
    log_every: 1,
    schedule: { name: 'constant', warmup_steps: 0 },
    max_loss: null,
    checkpoint_every: null,
  },
  maxRefreshFailures: null,
  refreshAdvice: null,
  stopAt: null,
});

/** What is alive after a step: in TensorFlow.js, and in the library beneath it. */
interface Alive {
  readonly step: number;
  readonly tensors: number;
  readonly native: number;
  readonly sessions: number;
  readonly rss: number;
}

await describeOn('tensorflow', (engine) => {
  describe('many steps', () => {
    it.each([
      ['compiled', CompiledProgram, 2000, 2],
      // Eager, steps are slow, and a microbatch is the same whether it is the first or not.
      ['eager', EagerProgram, 400, 1],
    ] as const)('leave nothing behind, %s', async (mode, Program, steps, microbatches) => {
      const { binding } = nativeBackend();
      const now = () => ({
        tensors: memory().numTensors,
        native: binding.getNumOfTensors(),
        sessions: binding.getNumOfSavedModels(),
      });
      const before = now();
      const optimizer = createOptimizer('soap', { precondition_frequency: frequency }, parameters);
      const program = await TrainingProgram.open(
        { ...engine, compiled: mode === 'compiled', open: (shapes) => new Program(shapes) },
        { model, parameters, optimizer, sequences: 2, microbatches, gradClip: 1 },
      );
      program.initialize(parameters, 0);
      await program.prepare(steps);
      const alive: Alive[] = [];
      const tokens = { train: Uint16Array.from(wholes('train', 500, vocabulary)), val: new Uint16Array(50) };
      const outcome = await trainLoop(
        program,
        tokens,
        optionsWith(steps, microbatches),
        {
          step: ({ step, rss_bytes: rss }) => {
            alive.push({ step, rss, ...now() });
          },
          evaluation: () => undefined,
          checkpoint: () => Promise.resolve(),
          warning: (line) => expect.fail(line),
        },
        new AbortController().signal,
      );
      expect(outcome).toEqual({ state: 'finished', step: steps });

      // From the second refresh on, every step has run before.
      const [settled, ...later] = alive.slice(2 * frequency);
      const counts = ({ tensors, native, sessions }: Alive) => ({ tensors, native, sessions });
      for (const after of later) expect(counts(after), `after step ${after.step}`).toEqual(counts(settled!));
      const MiB = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
      process.stdout.write(
        `${mode}: resident ${MiB(settled!.rss)} after step ${settled!.step}, ${MiB(alive.at(-1)!.rss)} at the end\n`,
      );

      program.dispose();
      expect(now()).toEqual(before);
    });
  });
});
