import { performance } from 'node:perf_hooks';
import { div, matMul, randomNormal, tidy } from '@tensorflow/tfjs-core';
import { openEngine } from '../dist/engine/select.js';
import { symmetricEigen } from '../dist/ops/linear-algebra.js';
import { orthonormalBasis } from '../dist/ops/orthonormal-basis.js';
import { inverseRoot } from '../dist/optim/matrix/matrix-functions.js';
import { answer } from './child.js';
import { provenanceOf } from './provenance.js';
import { median, rounded } from './statistics.js';

/**
 * @import { Tensor } from '@tensorflow/tfjs-core'
 * @import { Engine, EngineName } from '../dist/engine/engine.js'
 * @import { LinalgOperation } from './linalg.js'
 */

/**
 * @typedef {object} LinalgRequest
 * @property {readonly LinalgOperation[]} operations
 * @property {readonly number[]} sizes
 * @property {EngineName} engine
 * @property {boolean} compile
 */

/**
 * As peer/linalg.py has them, of a symmetric positive semi-definite matrix.
 * @type {Record<LinalgOperation, (matrix: Tensor) => Tensor>}
 */
const functions = {
  qr: orthonormalBasis,
  eigh: (matrix) => symmetricEigen(matrix).vectors,
  inverse_root: (matrix) => inverseRoot(matrix, 0.25, 1e-6),
};

/** @param {LinalgRequest} request */
async function measureLinalg({ operations, sizes, engine: name, compile }) {
  const engine = await openEngine({ engine: name, threads: 'auto', compile });
  const results = [];
  for (const size of sizes) {
    const matrix = tidy(() => {
      const x = randomNormal([size, size], 0, 1, 'float32', 0);
      return /** @type {Float32Array} */ (
        div(matMul(x, x, false, true), size)
          .dataSync()
          .slice()
      );
    });
    for (const operation of operations) {
      results.push({ operation, size, ...(await timed(engine, size, matrix, functions[operation])) });
    }
  }
  return { ...provenanceOf(engine), compiled: engine.compiled, results };
}

/**
 * The median over at least five runs and one second. Input and result are state of a program, as in training: nothing
 * passes through the host.
 * @param {Engine} engine
 * @param {number} size
 * @param {Float32Array} matrix
 * @param {(matrix: Tensor) => Tensor} fn
 */
async function timed(engine, size, matrix, fn) {
  const program = engine.open({ matrix: [size, size], result: [size, size] });
  try {
    const run = await program.compile(
      (state) => ({ state: { result: fn(/** @type {Tensor} */ (state.matrix)) }, outputs: {} }),
      {},
    );
    program.write('matrix', matrix);
    await run({});
    /** @type {number[]} */
    const times = [];
    const end = performance.now() + 1000;
    while (times.length < 5 || performance.now() < end) {
      const start = performance.now();
      await run({});
      times.push(performance.now() - start);
    }
    return { median_ms: rounded(median(times), 3), repetitions: times.length };
  } finally {
    program.dispose();
  }
}

await answer(measureLinalg);
