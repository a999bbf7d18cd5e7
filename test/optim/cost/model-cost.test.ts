import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { EagerProgram } from '../../../src/engine/eager.js';
import { openEngine } from '../../../src/engine/select.js';
import { modelSchema } from '../../../src/model/config.js';
import { modelParameters } from '../../../src/model/parameters.js';
import { modelCost, tensorCosts } from '../../../src/optim/cost/model-cost.js';
import { countFlops } from '../../../src/optim/cost/counting.js';
import { bytesOf, type ParameterInfo } from '../../../src/optim/optimizer.js';
import { createOptimizer, optimizerNames, type OptimizerName } from '../../../src/optim/registry.js';
import { qr, symmetricEigen, triangularSolve } from '../../../src/ops/linear-algebra.js';
import { orthonormalBasis } from '../../../src/ops/orthonormal-basis.js';
import { rows } from '../../conformance/rows.js';
import { matrixInfo, vectorInfo } from '../../support/optimizer-run.js';

const tiny = modelParameters(modelSchema.parse({ n_layer: 2, d_model: 16, n_head: 2, context: 4 }), 40);
const embedding: ParameterInfo = { name: 'embed', shape: [40, 8], role: 'embedding' };

const costOf = (name: OptimizerName, parameters: readonly ParameterInfo[], options: object = {}) =>
  modelCost(createOptimizer(name, options, parameters));

describe('countFlops', () => {
  it.each<[string, readonly (readonly number[])[], (a: tf.Tensor, b: tf.Tensor) => unknown, number, number, number]>([
    [
      'a product',
      [
        [3, 4],
        [4, 5],
      ],
      (a, b) => tf.matMul(a, b),
      2 * 3 * 4 * 5,
      0,
      0,
    ],
    [
      'a transposed product',
      [
        [4, 3],
        [5, 4],
      ],
      (a, b) => tf.matMul(a, b, true, true),
      2 * 3 * 4 * 5,
      0,
      0,
    ],
    [
      'batches of products',
      [
        [2, 3, 4],
        [2, 4, 5],
      ],
      (a, b) => tf.matMul(a, b),
      2 * 2 * 3 * 4 * 5,
      0,
      0,
    ],
    ['a root of a sum with a number', [[3, 4]], (x) => tf.sqrt(tf.add(x, 1)), 0, 0, 24],
    ['a row spread out', [[3, 4], [4]], (a, b) => tf.mul(a, b), 0, 0, 12],
    ['a mean', [[3, 4]], (x) => tf.mean(x, 1), 0, 0, 12],
    ['what only moves', [[3, 4]], (x) => tf.transpose(tf.reshape(tf.slice(x, [1, 0], [2, 4]), [4, 2])), 0, 0, 0],
    ['a QR decomposition', [[6, 6]], (x) => qr(x), 0, 4 * 36 * (6 - 2), 0],
    [
      'a triangular solve',
      [
        [4, 4],
        [4, 5],
      ],
      (a, b) => triangularSolve(a, b, { lower: true, adjoint: false }),
      0,
      4 * 4 * 5,
      0,
    ],
    ['an eigendecomposition', [[6, 6]], (x) => symmetricEigen(x), 0, 9 * 216, 0],
  ])('counts %s', (_name, shapes, fn, matmul, decomposition, elementwise) => {
    const flops = countFlops((tensorOf) => fn(tensorOf(shapes[0]!), tensorOf(shapes.at(-1)!)));
    expect(flops).toEqual({ matmul, decomposition, elementwise });
  });

  it('counts the basis of many columns as the products it is made of, and little more than one decomposition', () => {
    const flopsOf = (d: number) => countFlops((tensorOf) => orthonormalBasis(tensorOf([d, d])));
    const oneDecomposition = (d: number) => 4 * d * d * (d - d / 3);
    const { elementwise, ...atOnce } = flopsOf(1023);
    expect(atOnce).toEqual({ matmul: 0, decomposition: oneDecomposition(1023) });
    // Columns are scaled first: a few passes.
    expect(elementwise / 1023 ** 2).toBeLessThan(3.1);
    for (const d of [1024, 2048]) {
      const { matmul, decomposition } = flopsOf(d);
      expect(matmul).toBeGreaterThan(2 * decomposition);
      expect((matmul + decomposition) / oneDecomposition(d)).toBeGreaterThan(1);
      expect((matmul + decomposition) / oneDecomposition(d)).toBeLessThan(1.4);
    }
  });

  it('leaves nothing behind, not even itself', () => {
    const { numTensors, numBytes } = tf.engine().state;
    const before = { numTensors, numBytes };
    countFlops((tensorOf) => tf.add(tensorOf([1000, 1000]), 1));
    expect(tf.engine().state).toMatchObject(before);
    expect(tf.engine().backendNames()).not.toContain('soap-bench-count');
  });

  it('says which operation it cannot count, and puts the engine back all the same', () => {
    expect(() => countFlops((tensorOf) => tf.erf(tensorOf([2])))).toThrow(/Erf/);
    expect(() => countFlops((tensorOf) => tensorOf([2]).dataSync())).toThrow(/reads them/);
    expect(tf.engine().backendNames()).not.toContain('soap-bench-count');
  });
});

describe('the cost of a step', () => {
  it('is that of AdamW by hand', () => {
    // A product and an addition twice a moment (one with a square), root, division, ε, division, step, decay, difference.
    const perElement = 3 + 4 + 3 + 1 + 1 + 1 + 1;
    expect(costOf('adamw', [matrixInfo(5, 7)])).toMatchObject({
      state_bytes: 4 * 2 * 35,
      flops: { matmul: 0, decomposition: 0, elementwise: perElement * 35 },
      paper: { state_bytes: 4 * 2 * 35, flops_over_adamw: 0 },
    });
  });

  it('spreads refreshes over the steps between them', () => {
    const [m, n] = [6, 10];
    const parameters = [matrixInfo(m, n)];
    const often = costOf('soap', parameters, { precondition_frequency: 1 }).flops;
    const seldom = costOf('soap', parameters, { precondition_frequency: 100 }).flops;
    const refresh = (4 * 2 * (m ** 3 + n ** 3)) / 3; // two QR decompositions, d × d
    expect(often.decomposition).toBeCloseTo(refresh, 6);
    expect(seldom.decomposition).toBeCloseTo(refresh / 100, 6);
    // Two factors, into the bases, out of them.
    const plain = 2 * 3 * (m * m * n + m * n * n);
    // Π·Q a side, and M out of the old bases and into the new ones.
    const atRefresh = 2 * (m ** 3 + n ** 3) + 2 * 2 * (m * m * n + m * n * n);
    expect(often.matmul).toBeCloseTo(plain + atRefresh, 6);
    expect(seldom.matmul).toBeCloseTo(plain + atRefresh / 100, 6);
  });

  it.each([
    ['soap', {}, matrixInfo(5, 7), 2 * 25 + 2 * 49 + 2 * 35, 125 + 343 + 2 * 25 * 7 + 2 * 49 * 5],
    ['soap', { one_sided: true }, matrixInfo(5, 7), 2 * 25 + 2 * 35, 125 + 2 * 25 * 7],
    [
      'soap',
      { second_moment: 'factorized' },
      matrixInfo(5, 7),
      2 * 25 + 2 * 49 + 35,
      125 + 343 + 175 + 245 + 245 + 125,
    ],
    ['soap', { one_sided: true, second_moment: 'factorized' }, matrixInfo(5, 7), 2 * 25 + 35, 25 * 7 + 2 * 125],
    ['soap', {}, embedding, 2 * 64 + 2 * 320, 512 + 2 * 64 * 40],
    ['soap', {}, vectorInfo(6), 12, 0],
    ['shampoo', {}, matrixInfo(5, 7), 2 * 25 + 2 * 49 + 2 * 35, 125 + 343 + 25 * 7 + 49 * 5],
    ['adafactor', { momentum: 0.9 }, matrixInfo(5, 7), 35, 0],
  ] as const)("has the paper's formulas beside it: %s with %j on %j", (name, options, parameter, floats, products) => {
    expect(costOf(name, [parameter], options).paper).toEqual({
      state_bytes: 4 * floats,
      flops_over_adamw: 2 * products,
    });
  });

  it('has no formula where the paper has none', () => {
    expect(costOf('lion', [matrixInfo(2, 2)]).paper).toBeNull();
    expect(costOf('muon', [matrixInfo(2, 2), vectorInfo(2)]).paper).toBeNull();
  });

  it('needs no model: 360m in all its size', () => {
    const model = modelSchema.parse({ n_layer: 24, d_model: 1024, n_head: 16, context: 1024 });
    const parameters = modelParameters(model, 32128);
    const cost = costOf('soap', parameters);
    // Per block 4 matrices with 2 factors and 2 bases: 3d, d; d, d; 4d, d; d, 4d. Per embedding d alone.
    const d = 1024;
    const squares = 24 * (9 + 1 + 1 + 1 + 16 + 1 + 1 + 16) + 2;
    const floats =
      2 * d * d * squares + 2 * parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b), 0);
    expect(cost.state_bytes).toBe(4 * floats);
    expect(cost.paper!.state_bytes).toBe(4 * floats);
  });
});

describe('every optimizer', () => {
  beforeAll(async () => {
    await openEngine({ engine: 'cpu', threads: 1 });
  });

  it.each(optimizerNames)('%s takes the bytes on a model that its cost says', (name) => {
    const optimizer = createOptimizer(name, rows[name].options, tiny);
    const before = tf.memory().numBytes;
    const program = new EagerProgram(optimizer.stateShapes);
    expect(modelCost(optimizer).state_bytes).toBe(tf.memory().numBytes - before);
    program.dispose();
    const sum = tensorCosts(optimizer).reduce(
      (total, { route }) => total + bytesOf(route.rule.stateShapes(route.parameter)),
      0,
    );
    expect(modelCost(optimizer).state_bytes).toBe(sum);
  });
});
