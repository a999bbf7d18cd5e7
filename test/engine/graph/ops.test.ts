import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { compile } from '../../../src/engine/graph/compile.js';
import { sizeOf, type Shape } from '../../../src/engine/engine.js';
import { shapeRules, type ShapeRule } from '../../../src/engine/graph/shape-rules.js';
import { expectAllClose } from '../../support/allclose.js';
import { normals } from '../../support/random.js';
import { opCases, type OpCase } from './op-cases.js';
import { describeCompiled } from './support.js';

type Function = (...inputs: tf.Tensor[]) => tf.Tensor[];

const dtypes = { differentiable: 'float32', float: 'float32', int: 'int32', bool: 'bool' } as const;

function inputsOf({ kind, domain }: OpCase, shapes: readonly Shape[]): tf.Tensor[] {
  return shapes.map((shape, i) => {
    const values = normals(`input ${i}`, sizeOf(shape)).map((x) => (domain ? domain(x) : x));
    const whole = kind === 'int' ? values.map((x) => Math.round(2 * x)) : values.map((x) => (x > 0 ? 1 : 0));
    return tf.tensor(kind === 'differentiable' || kind === 'float' ? values : whole, [...shape], dtypes[kind]);
  });
}

/** Gradients of a sum in which every output value has a weight of its own. */
function gradients(fn: Function): Function {
  return (...inputs) =>
    tf.grads((...xs: tf.Tensor[]) =>
      tf.addN(fn(...xs).map((y) => tf.sum(tf.mul(y, tf.tensor(normals('weight', y.size), y.shape))))),
    )(inputs);
}

/** With the results in shapes that come from those the trace believes in, not from those that TensorFlow finds. */
function inTracedShapes(fn: Function): Function {
  return (...inputs) => fn(...inputs).map((y) => tf.reshape(y, [...y.shape, 1]));
}

function expectSame(plain: Function, inputs: tf.Tensor[]): void {
  const fn = inTracedShapes(plain);
  const compiled = compile(
    fn,
    inputs.map(({ shape, dtype }) => ({ shape, dtype: dtype as 'float32' })),
  );
  const [actual, expected] = [compiled(...inputs), fn(...inputs)];
  compiled.dispose();
  expect(actual.map(({ shape, dtype }) => ({ shape, dtype }))).toEqual(
    expected.map(({ shape, dtype }) => ({ shape, dtype })),
  );
  for (const [i, y] of expected.entries()) {
    const [a, b] = [actual[i]!.dataSync(), y.dataSync()];
    const scale = Math.max(1, ...Array.from(b, Math.abs));
    expectAllClose(a, b, 1e-5 * scale);
  }
}

await describeCompiled(() => {
  it('has a case for every op that can be compiled', () => {
    expect(Object.keys(opCases).sort()).toEqual(Object.keys(shapeRules).sort());
  });

  describe('compiled and eager agree', () => {
    it.each(Object.entries(opCases))('in %s', (op, opCase) => {
      const rule = vi.spyOn(shapeRules as Record<string, ShapeRule>, op);
      const fn: Function = (...inputs) => [opCase.fn(...inputs)].flat();
      fc.assert(
        fc.property(opCase.shapes, (shapes) => {
          tf.tidy(() => {
            const inputs = inputsOf(opCase, shapes);
            expectSame(fn, inputs);
            if (opCase.kind === 'differentiable') expectSame(gradients(fn), inputs);
          });
        }),
        { numRuns: 8, seed: 1 },
      );
      expect(rule).toHaveBeenCalled();
      rule.mockRestore();
    });
  });
});
