import { SoapBenchError, exitCodes } from '../errors.js';
import { hash32 } from './hash.js';
import { permute } from './permutation.js';
import type { Tokens } from './tokens.js';

/** Token ids, [sequences, context] in row-major order. Each target is the token after its input. */
export interface Batch {
  inputs: Int32Array;
  targets: Int32Array;
}

export interface TrainBatchOptions {
  seed: number;
  /** Number of the batch, from 0. */
  step: number;
  sequences: number;
  context: number;
  shuffle: boolean;
}

export interface EvalOptions {
  context: number;
  sequences: number;
  /** The largest number of tokens to predict. */
  tokens: number;
}

/** Keys for the uses of random numbers, which make them independent for the same seed. */
const orderKey = 1;
const offsetKey = 2;

/**
 * Returns the training batch of a step, which depends only on tokens and options and so is the same for every optimizer.
 *
 * The text is split into windows of `context` tokens. With `shuffle`, each epoch visits every window once, in its own random
 * order and starting at its own random offset below `context`, so that windows differ between epochs. An epoch leaves fewer
 * than 2 × `context` tokens unused. Without `shuffle`, windows follow each other in the order of the text, repeatedly.
 * @throws {SoapBenchError} `context_too_long` if the text is shorter than one window.
 */
export function trainBatch(tokens: Tokens, options: TrainBatchOptions): Batch {
  const { seed, step, sequences, context, shuffle } = options;
  assertContextFits(tokens.length, context, 'training');
  const windows = shuffle
    ? Math.max(1, Math.floor(tokens.length / context) - 1)
    : Math.floor((tokens.length - 1) / context);
  const spare = Math.min(context, tokens.length - windows * context);
  return batchOf(tokens, sequences, context, (sequence) => {
    const visit = step * sequences + sequence;
    const place = visit % windows;
    if (!shuffle) return place * context;
    const epoch = Math.floor(visit / windows);
    const offset = hash32(seed, offsetKey, epoch) % spare;
    return offset + permute(place, windows, hash32(seed, orderKey, epoch)) * context;
  });
}

/**
 * Returns the validation batches: the first windows of the text in order, independent of the batch size.
 *
 * All batches have `sequences` windows, except for the last one. A text shorter than `options.tokens` is used up to its last
 * complete window.
 * @throws {SoapBenchError} `context_too_long` if the text is shorter than one window.
 */
export function evalBatches(tokens: Tokens, options: EvalOptions): Batch[] {
  const { context, sequences } = options;
  assertContextFits(tokens.length, context, 'validation');
  const wanted = Math.max(1, Math.floor(options.tokens / context));
  const windows = Math.min(wanted, Math.floor((tokens.length - 1) / context));
  return Array.from({ length: Math.ceil(windows / sequences) }, (_, batch) => {
    const first = batch * sequences;
    return batchOf(tokens, Math.min(sequences, windows - first), context, (sequence) => (first + sequence) * context);
  });
}

/**
 * Checks that a text has at least one window: `context` inputs and the target after the last one.
 * @throws {SoapBenchError} `context_too_long` with both numbers.
 */
export function assertContextFits(tokens: number, context: number, side: 'training' | 'validation'): void {
  if (context + 1 <= tokens) return;
  throw new SoapBenchError(
    'context_too_long',
    `A context of ${context} needs ${context + 1} tokens, but the ${side} text has ${tokens}.`,
    {
      exitCode: exitCodes.usage,
      hint: `Use a context of at most ${Math.max(0, tokens - 1)}, a larger corpus, or another val_fraction.`,
    },
  );
}

function batchOf(tokens: Tokens, sequences: number, context: number, startOf: (sequence: number) => number): Batch {
  const inputs = new Int32Array(sequences * context);
  const targets = new Int32Array(sequences * context);
  for (let sequence = 0; sequence < sequences; sequence++) {
    const start = startOf(sequence);
    inputs.set(tokens.subarray(start, start + context), sequence * context);
    targets.set(tokens.subarray(start + 1, start + 1 + context), sequence * context);
  }
  return { inputs, targets };
}
