import { describe, expect, it } from 'vitest';
import { parseExperiment } from '../../src/config/load.js';
import { onlyRun, type RunConfig } from '../../src/config/run-config.js';
import type { Engine } from '../../src/engine/engine.js';
import type { Checkpoint, CheckpointRecord } from '../../src/results/checkpoint.js';
import { restore } from '../../src/run/go-on.js';
import { assertSameConfig, assertSameData, assertSameEngine } from '../../src/results/same-run.js';
import type { SafeTensor } from '../../src/train/safetensors.js';

const tensor = (...values: number[]): SafeTensor => ({ shape: [values.length], values: Float32Array.from(values) });
const shapes = { weights: { a: [2], b: [1] }, state: { 'a/m': [2] } };

function restored(weights: Record<string, SafeTensor>, state: Record<string, SafeTensor>) {
  const written = { weights: {} as Record<string, Float32Array>, state: {} as Record<string, Float32Array> };
  const checkpoint: Checkpoint = {
    record: {} as CheckpointRecord,
    weights: () => Object.entries(weights),
    optimizerState: () => Object.entries(state),
  };
  const program = {
    setWeight: (name: string, values: Float32Array) => void (written.weights[name] = values),
    setOptimizerState: (name: string, values: Float32Array) => void (written.state[name] = values),
  };
  restore(program, checkpoint, shapes);
  return written;
}

describe('restoring a checkpoint', () => {
  it('writes every weight and all state', () => {
    expect(restored({ b: tensor(3), a: tensor(1, 2) }, { 'a/m': tensor(4, 5) })).toEqual({
      weights: { a: Float32Array.of(1, 2), b: Float32Array.of(3) },
      state: { 'a/m': Float32Array.of(4, 5) },
    });
  });

  it.each([
    ['lacks one', { a: tensor(1, 2) }, { 'a/m': tensor(4, 5) }, /b missing/],
    ['has one more', { a: tensor(1, 2), b: tensor(3) }, { 'a/m': tensor(4, 5), 'a/v': tensor(1) }, /a\/v is unknown/],
  ])('refuses one that %s', (_, weights, state, message) => {
    expect(() => restored(weights, state)).toThrow(message);
    expect(() => restored(weights, state)).toThrow(expect.objectContaining({ code: 'tensors_changed' }) as Error);
  });
});

describe('the second half of a run', () => {
  const config = onlyRun(
    parseExperiment({
      model: { n_layer: 1, d_model: 16, n_head: 2, context: 16 },
      train: { steps: 10, batch_tokens: 32, eval_every: 5, eval_tokens: 32 },
      optimizers: { adamw: { lr: 0.001 } },
    }),
  );

  it('has the configuration of the first, in whatever order', () => {
    const again = Object.fromEntries(Object.entries(config).reverse()) as unknown as RunConfig;
    expect(() => {
      assertSameConfig(again, config, 'it');
    }).not.toThrow();
    const train = { ...config.train, grad_clip: undefined as unknown as null };
    const changed = { ...config, seed: 3, train, options: { ...config.options, lr: 0.002 } };
    const lines = ['seed: 3 before, 0 now', `train.grad_clip: nothing before, ${config.train.grad_clip} now`];
    expect(() => {
      assertSameConfig(changed, config, 'it');
    }).toThrow([...lines, 'optimizers.adamw.lr: 0.002 before, 0.001 now'].join('\n  '));
  });

  it('may be called something else, and have other checkpoints', () => {
    const names = { name: 'other', label: 'mine', target: 3 };
    const renamed = { ...config, ...names, train: { ...config.train, checkpoint_every: 1, keep_checkpoints: 9 } };
    expect(() => {
      assertSameConfig(config, renamed, 'it');
    }).not.toThrow();
  });

  it('has the text of the first', () => {
    expect(() => {
      assertSameData('abcdefghij', 'abcdefghij');
    }).not.toThrow();
    expect(() => {
      assertSameData('abcdefghij', 'bbcdefghij');
    }).toThrow(/fingerprint abcdefgh, now bbcdefgh/);
  });

  it('has the engine of the first; what may change last digits is said', () => {
    const versions = { version: '2.21.0', device: 'a CPU', threads: 2 };
    const before: CheckpointRecord['engine'] = { name: 'tensorflow', ...versions, compiled: true, xla: true };
    const engine: Engine = { ...before, open: () => expect.fail() };
    expect(assertSameEngine(before, engine)).toBeUndefined();
    expect(assertSameEngine(before, { ...engine, threads: 4 })).toMatch(/last digits .*: threads: 2 before, 4 now$/);
    for (const other of [{ name: 'wasm' as const, compiled: false }, { compiled: false }]) {
      expect(() => assertSameEngine(before, { ...engine, ...other })).toThrow(
        expect.objectContaining({ code: 'engine_changed', exitCode: 6 }) as Error,
      );
    }
  });
});
