import { totalmem } from 'node:os';
import type { RunConfig } from '../config/run-config.js';
import { vocabSizeOf } from '../data/tokenizers/tokenizer.js';
import { nvidiaDriver } from '../engine/setup/system.js';
import { SoapBenchError, exitCodes } from '../errors.js';
import { modelParameters, parameterCounts } from '../model/parameters.js';
import { stateBytes } from '../optim/optimizer.js';
import { createOptimizer } from '../optim/registry.js';
import { bytesText } from '../format.js';
import type { PlannedRun } from './planned-run.js';

/** Bytes that a training holds at one moment. It needs more than their sum, which is enough to say that it cannot fit. */
export interface LeastMemory {
  readonly weights: number;
  readonly gradients: number;
  /** What the optimizer keeps. */
  readonly state: number;
  /** The larger of a microbatch's logits and its attention scores in one layer. */
  readonly activations: number;
}

export function leastMemory({ model, data, train, precision, optimizer, options }: RunConfig): LeastMemory {
  const vocabSize = vocabSizeOf(data.tokenizer, data.vocab_size);
  const parameters = modelParameters(model, vocabSize);
  const weights = 4 * parameterCounts(parameters).total;
  const widest = Math.max(vocabSize, model.n_head * model.context);
  return {
    weights,
    gradients: weights,
    state: stateBytes(createOptimizer(optimizer, options, parameters)),
    activations: (precision === 'bfloat16' ? 2 : 4) * train.microbatch_tokens * widest,
  };
}

/** The run that takes the most, and what that is. */
export function largestRun(runs: readonly PlannedRun[]): { run: PlannedRun; bytes: number; parts: LeastMemory } {
  const known = new Map<string, LeastMemory>();
  const sizes = runs.map((run) => {
    const { model, data, train, precision, optimizer, options } = run.config;
    const key = JSON.stringify([model, data, train.microbatch_tokens, precision, optimizer, options]);
    const parts = known.get(key) ?? leastMemory(run.config);
    known.set(key, parts);
    return { run, bytes: parts.weights + parts.gradients + parts.state + parts.activations, parts };
  });
  return sizes.reduce((largest, size) => (size.bytes > largest.bytes ? size : largest));
}

/** Memory that this process can have, in bytes: the machine's, or what its container leaves. */
export function memoryHere(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/**
 * Whether runs could fit into the memory here. With a graphics card it is the card's that counts, which is not looked at.
 * @throws {SoapBenchError} `memory_too_small` when one surely does not.
 */
export function assertFitsHere(runs: readonly PlannedRun[]): void {
  if (runs.length === 0 || nvidiaDriver() !== null) return;
  const { run, bytes, parts } = largestRun(runs);
  const here = memoryHere();
  if (bytes <= here) return;
  const { weights, gradients, state, activations } = parts;
  throw new SoapBenchError(
    'memory_too_small',
    `${run.label} takes at least ${bytesText(bytes)} of memory, and there are ${bytesText(here)} here: ` +
      `${bytesText(weights)} of weights, ${bytesText(gradients)} of gradients, ${bytesText(state)} of optimizer state, ` +
      `${bytesText(activations)} of activations.`,
    {
      exitCode: exitCodes.unavailable,
      hint: 'Fewer layers or a smaller width need less of all of it, a smaller train.microbatch_tokens less of activations; --launcher slurm or kubernetes trains elsewhere.',
    },
  );
}
