import { performance } from 'node:perf_hooks';
import { add, matMul, slice } from '@tensorflow/tfjs-core';

/*
 * What the machine can do at best, measured on the engine in the process whose steps are judged by it.
 */

/**
 * @import { Tensor } from '@tensorflow/tfjs-core'
 * @import { Engine, Precision } from '../dist/engine/engine.js'
 */

/**
 * The fastest of several products of two square matrices, in GFLOP/s.
 * @param {Engine} engine
 * @param {number} size
 * @param {Precision} precision
 */
export async function productGflops(engine, size, precision) {
  const program = engine.open({ a: [size, size], b: [size, size] });
  const values = Float32Array.from({ length: size * size }, (_, i) => Math.sin(i));
  program.write('a', values);
  program.write('b', values);
  const multiply = await program.compile(
    // One number is enough to know that all are there; reading them all would be timed too.
    ({ a, b }) => ({
      state: {},
      outputs: { corner: slice(matMul(/** @type {Tensor} */ (a), /** @type {Tensor} */ (b)), [0, 0], [1, 1]) },
    }),
    {},
    { products: precision },
  );
  const ms = await fastest(() => multiply({}));
  program.dispose();
  return (2 * size ** 3) / ms / 1e6;
}

// Twice 128 MiB: no cache holds it.
const bandwidthElements = 2 ** 25;

/**
 * Memory read and written by a pass over a large tensor, the fastest of several, in GiB/s.
 * @param {Engine} engine
 */
export async function passBandwidth(engine) {
  const program = engine.open({ x: [bandwidthElements] });
  const increment = await program.compile(
    ({ x }) => ({ state: { x: add(/** @type {Tensor} */ (x), 1) }, outputs: {} }),
    {},
  );
  const ms = await fastest(() => increment({}));
  program.dispose();
  return (2 * 4 * bandwidthElements) / 2 ** 30 / (ms / 1000);
}

/**
 * @param {() => Promise<unknown>} run
 * @returns {Promise<number>} Milliseconds.
 */
async function fastest(run) {
  const times = [];
  for (let i = 0; i < 9; i++) {
    const start = performance.now();
    await run();
    times.push(performance.now() - start);
  }
  return Math.min(...times);
}
