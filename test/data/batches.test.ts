import fc from 'fast-check';
import { describe, it, expect } from 'vitest';
import {
  assertContextFits,
  evalBatches,
  trainBatch,
  type Batch,
  type TrainBatchOptions,
} from '../../src/data/batches.js';
import { failureOf } from './helpers.js';

/** Tokens that are their own positions, so that a batch shows where it was taken from. */
const positions = (length: number) => Uint16Array.from({ length }, (_, i) => i);

function rowsOf({ inputs, targets }: Batch, context: number): number[][] {
  expect(targets).toHaveLength(inputs.length);
  // A target is always the token after its input: here, one more.
  expect([...targets]).toEqual([...inputs].map((token) => token + 1));
  return Array.from({ length: inputs.length / context }, (_, row) => [
    ...inputs.subarray(row * context, (row + 1) * context),
  ]);
}

const startsOf = (batch: Batch, context: number) => rowsOf(batch, context).map((row) => row[0]!);

/** The starts of all windows from one visit to another. */
function walk(tokens: Uint16Array, options: Omit<TrainBatchOptions, 'step'>, steps: number): number[] {
  return Array.from({ length: steps }, (_, step) => step).flatMap((step) =>
    startsOf(trainBatch(tokens, { ...options, step }), options.context),
  );
}

const size = fc.integer({ min: 1, max: 9 });

describe('trainBatch', () => {
  it('takes rows of consecutive tokens that stay inside the text, at any step', () => {
    fc.assert(
      fc.property(
        fc.record({ seed: fc.maxSafeNat(), step: fc.nat(1e9), sequences: size, context: size, shuffle: fc.boolean() }),
        fc.integer({ min: 1, max: 60 }),
        (options, spare) => {
          const tokens = positions(options.context + spare);
          const rows = rowsOf(trainBatch(tokens, options), options.context);
          expect(rows).toHaveLength(options.sequences);
          for (const row of rows) {
            expect(row).toEqual(Array.from(row, (_, i) => row[0]! + i));
            expect(row.at(-1)! + 1).toBeLessThan(tokens.length);
          }
        },
      ),
    );
  });

  it('is a pure function of seed and step', () => {
    const tokens = positions(5000);
    const options = { seed: 7, step: 123, sequences: 4, context: 16, shuffle: true };
    const batch = trainBatch(tokens, options);
    trainBatch(tokens, { ...options, step: 5 });
    expect(trainBatch(tokens, options)).toEqual(batch);
    expect(trainBatch(tokens, { ...options, seed: 8 })).not.toEqual(batch);
    expect(trainBatch(tokens, { ...options, step: 124 })).not.toEqual(batch);
  });

  it('does not change between versions', () => {
    const options = { seed: 1, step: 2, sequences: 4, context: 16, shuffle: true };
    expect(startsOf(trainBatch(positions(5000), options), 16)).toMatchInlineSnapshot(`
      [
        3765,
        4469,
        3893,
        2885,
      ]
    `);
  });

  it('visits every window once an epoch, wherever the batches are cut', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), size, fc.integer({ min: 2, max: 40 }), size, (seed, context, blocks, sequences) => {
        const tokens = positions(blocks * context + (seed % context));
        const windows = Math.max(1, blocks - 1);
        const epochs = 3;
        const starts = walk(
          tokens,
          { seed, sequences, context, shuffle: true },
          Math.ceil((epochs * windows) / sequences),
        );
        for (let epoch = 0; epoch < epochs; epoch++) {
          const visited = starts.slice(epoch * windows, (epoch + 1) * windows).sort((a, b) => a - b);
          const [offset] = visited;
          expect(offset).toBeLessThan(context);
          expect(visited).toEqual(Array.from({ length: windows }, (_, i) => offset! + i * context));
        }
      }),
    );
  });

  it('changes order and offset from epoch to epoch', () => {
    const context = 32;
    const windows = 99;
    const starts = walk(positions(3200), { seed: 3, sequences: 9, context, shuffle: true }, 44);
    const epochs = [0, 1, 2, 3].map((epoch) => starts.slice(epoch * windows, (epoch + 1) * windows));
    const offsets = epochs.map((epoch) => Math.min(...epoch));
    expect(new Set(offsets).size).toBeGreaterThan(1);
    const orders = epochs.map((epoch, i) => epoch.map((start) => start - offsets[i]!).join());
    expect(new Set(orders).size).toBe(4);
    expect(orders[0]).not.toBe(Array.from({ length: windows }, (_, i) => i * context).join());
  });

  it('walks in order without shuffle, and begins again at the end', () => {
    // Four windows of 5 fit into 21 tokens, target included.
    const starts = walk(positions(21), { seed: 1, sequences: 3, context: 5, shuffle: false }, 3);
    expect(starts).toEqual([0, 5, 10, 15, 0, 5, 10, 15, 0]);
    expect(walk(positions(20), { seed: 1, sequences: 4, context: 5, shuffle: false }, 1)).toEqual([0, 5, 10, 0]);
  });

  it('works with exactly one window', () => {
    expect(walk(positions(6), { seed: 1, sequences: 2, context: 5, shuffle: true }, 2)).toEqual([0, 0, 0, 0]);
  });

  it('refuses a context that is longer than the text', async () => {
    const options = { seed: 1, step: 0, sequences: 1, context: 10, shuffle: true };
    const error = await failureOf(() => trainBatch(positions(10), options));
    expect(error).toMatchObject({ code: 'context_too_long', exitCode: 2 });
    expect(error.message).toBe('A context of 10 needs 11 tokens, but the training text has 10.');
    expect(error.hint).toContain('at most 9');
  });
});

describe('evalBatches', () => {
  const startsOfAll = (batches: Batch[], context: number) => batches.map((batch) => startsOf(batch, context));

  it('takes the first windows in order, in the last batch what is left', () => {
    expect(startsOfAll(evalBatches(positions(1000), { context: 10, sequences: 2, tokens: 59 }), 10)).toEqual([
      [0, 10],
      [20, 30],
      [40],
    ]);
  });

  it('takes the same windows for every size of a batch', () => {
    for (const [length, tokens, windows] of [
      [1000, 240, 24],
      [1000, 245, 24],
      [1000, 10, 1],
      [155, 1e6, 15],
    ] as const) {
      for (let sequences = 1; sequences <= 30; sequences++) {
        const batches = startsOfAll(evalBatches(positions(length), { context: 10, sequences, tokens }), 10);
        expect(batches.flat()).toEqual(Array.from({ length: windows }, (_, i) => i * 10));
        expect(Math.max(...batches.map((batch) => batch.length))).toBeLessThanOrEqual(sequences);
      }
    }
  });

  it('stops at the end of a short text, of which the last token is only a target', () => {
    expect(startsOfAll(evalBatches(positions(41), { context: 10, sequences: 2, tokens: 1e6 }), 10)).toEqual([
      [0, 10],
      [20, 30],
    ]);
    expect(startsOfAll(evalBatches(positions(40), { context: 10, sequences: 2, tokens: 1e6 }), 10)).toEqual([
      [0, 10],
      [20],
    ]);
  });

  it('refuses a context that is longer than the text', async () => {
    const error = await failureOf(() => evalBatches(positions(10), { context: 10, sequences: 1, tokens: 10 }));
    expect(error).toMatchObject({ code: 'context_too_long', exitCode: 2 });
    expect(error.message).toContain('the validation text has 10');
  });
});

describe('assertContextFits', () => {
  it('needs one token more than the context', async () => {
    assertContextFits(11, 10, 'training');
    expect(
      (
        await failureOf(() => {
          assertContextFits(10, 10, 'training');
        })
      ).code,
    ).toBe('context_too_long');
  });
});
