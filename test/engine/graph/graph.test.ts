import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { Graph, reachable, typeOf, type Output } from '../../../src/engine/graph/graph.js';
import { constant, constantValues } from '../../../src/engine/graph/constants.js';
import { nodeName, serializeSavedModel } from '../../../src/engine/graph/serialize.js';
import { trace } from '../../../src/engine/graph/trace.js';
import { placeholder, Variable } from '../../../src/engine/graph/variables.js';
import { describeCompiled } from './support.js';

/** The ops that a function's result needs, in order, without the constants. */
function opsOf(fn: (...inputs: tf.Tensor[]) => tf.Tensor, ...shapes: number[][]): string[] {
  return nodesOf(fn, ...shapes)
    .map(({ op }) => op)
    .filter((op) => op !== 'Const' && op !== 'Placeholder');
}

function nodesOf(fn: (...inputs: tf.Tensor[]) => tf.Tensor, ...shapes: number[][]) {
  const graph = new Graph();
  const inputs = shapes.map((shape, i) => placeholder(graph, `${i}`, 'float32', shape));
  const result = trace(graph, ({ tensorOf, outputOf }): Output => outputOf(fn(...inputs.map(tensorOf))));
  return reachable([result.node]);
}

const float = (values: number[], shape: number[]) => ({
  values: Float32Array.from(values),
  shape,
  dtype: 'float32' as const,
});

await describeCompiled(() => {
  describe('a graph', () => {
    it('holds equal nodes once', () => {
      const ops = opsOf((x) => tf.add(tf.mul(tf.exp(x), 2), tf.mul(tf.exp(x), 2)), [3]);
      expect(ops).toEqual(['Exp', 'Mul', 'Add']);
    });

    it('tells nodes apart by inputs, their order and attributes', () => {
      expect(opsOf((x, y) => tf.add(tf.sub(x, y), tf.sub(y, x)), [3], [3])).toEqual(['Sub', 'Sub', 'Add']);
      expect(opsOf((x) => tf.add(tf.sum(x, 0, true), tf.sum(x, 0)), [1, 1])).toEqual(['Sum', 'Sum', 'Add']);
      expect(opsOf((x) => tf.add(tf.mul(x, 2), tf.mul(x, 3)), [3])).toEqual(['Mul', 'Mul', 'Add']);
    });

    it('leaves out what nothing needs', () => {
      const ops = opsOf(
        (x) => {
          tf.exp(x);
          return tf.neg(x);
        },
        [3],
      );
      expect(ops).toEqual(['Neg']);
    });
  });

  it('assigns a variable after the step has read it', () => {
    const graph = new Graph();
    const variable = new Variable(graph, 'x', [2]);
    expect(variable.assign(constant(graph, float([1, 2], [2]))).controls).toEqual([variable.value.node]);
  });

  describe('constants', () => {
    const graph = new Graph();
    const bytesOf = (output: Output) => serializeSavedModel(reachable([output.node])).length;

    it('of one value throughout take no room', () => {
      const zeros = constant(graph, float(new Array<number>(10_000).fill(0), [100, 100]));
      expect(bytesOf(zeros)).toBeLessThan(1000);
      expect(typeOf(zeros).shape).toEqual([100, 100]);
      expect(constantValues(zeros)).toEqual(new Array(10_000).fill(0));
    });

    it('on a diagonal take no room', () => {
      const compiled = nodesOf(() => tf.mul(tf.eye(50), 3));
      expect(compiled.map(({ op }) => op)).toContain('Diag');
      expect(serializeSavedModel(compiled).length).toBeLessThan(1500);
      const almost = nodesOf(() => {
        const buffer = tf.buffer([50, 50]);
        for (let i = 0; i < 49; i++) buffer.set(1, i, i);
        return buffer.toTensor();
      });
      expect(almost.map(({ op }) => op)).toEqual(['Const']);
    });

    it('are stored once, and tell −0 from 0', () => {
      const values = Array.from({ length: 40 }, (_, i) => i);
      expect(constant(graph, float(values, [40])).node).toBe(constant(graph, float(values, [40])).node);
      expect(constant(graph, float(values, [40])).node).not.toBe(constant(graph, float(values, [4, 10])).node);
      const signed = new Array<number>(40).fill(0).with(7, -0);
      expect(constantValues(constant(graph, float(signed, [40])))).toEqual(Float32Array.from(signed));
    });

    it('that fill a tensor are not spread out for an operation that does it', () => {
      expect(opsOf((x) => tf.add(tf.mul(x, tf.fill([4, 9], 3)), 1), [4, 9])).toEqual(['Mul', 'Add']);
      // Here the constant decides the shape.
      expect(opsOf((x) => tf.mul(x, tf.fill([4, 9], 3)), [9])).toEqual(['Fill', 'Mul']);
    });
  });

  describe('cheaper equals', () => {
    it('of casts and reshapes', () => {
      expect(opsOf((x) => tf.cast(tf.cast(x, 'float32'), 'int32'), [3])).toEqual(['Cast']);
      expect(opsOf((x) => tf.reshape(tf.reshape(tf.reshape(x, [6]), [3, 2]), [6, 1]), [2, 3])).toEqual(['Reshape']);
      expect(opsOf((x) => tf.neg(tf.reshape(tf.reshape(x, [6]), [2, 3])), [2, 3])).toEqual(['Neg']);
    });

    it('of transposes', () => {
      expect(opsOf((x) => tf.neg(tf.transpose(tf.transpose(x))), [2, 3])).toEqual(['Neg']);
      expect(opsOf((x) => tf.transpose(tf.transpose(x, [1, 2, 0]), [1, 2, 0]), [2, 3, 4])).toEqual(['Transpose']);
      expect(opsOf((x, y) => tf.matMul(tf.transpose(x), y), [3, 2], [3, 4])).toEqual(['MatMul']);
      expect(opsOf((x) => tf.matMul(tf.transpose(x, [0, 2, 1]), x, true), [5, 2, 2])).toEqual(['BatchMatMulV2']);
      // Swapping others is no flag of the product.
      expect(opsOf((x, y) => tf.matMul(tf.transpose(x, [1, 0, 2]), y), [5, 2, 3], [2, 3, 4])).toEqual([
        'Transpose',
        'BatchMatMulV2',
      ]);
    });

    it('of products that read a single row or column transposed, which libtensorflow does not survive side by side', () => {
      const product = (x: tf.Tensor, y: tf.Tensor) => tf.matMul(tf.transpose(x, [0, 2, 1]), y, false, true);
      for (const [x, y, thin] of [
        [[5, 1, 3], [5, 4, 1], 2],
        [[5, 6, 1], [5, 4, 6], 1],
        [[5, 6, 3], [5, 1, 6], 1],
        [[5, 6, 3], [5, 4, 6], 0],
      ] as const) {
        const nodes = nodesOf(product, [...x], [...y]);
        expect(nodes.filter(({ op }) => op === 'Reshape')).toHaveLength(thin);
        const [flags] = nodes.flatMap(({ op, attributes }) =>
          op === 'BatchMatMulV2' ? [[attributes.adj_x, attributes.adj_y]] : [],
        );
        expect(flags).toEqual([{ b: !x.includes(1 as never) }, { b: !y.includes(1 as never) }]);
      }
    });

    it('of products and quotients with one', () => {
      expect(opsOf((x) => tf.neg(tf.div(tf.mul(tf.mul(tf.ones([2, 20]), x), 1), 1)), [2, 20])).toEqual(['Neg']);
      expect(opsOf((x) => tf.mul(tf.ones([2, 20]), x), [20])).toEqual(['Fill', 'Mul']);
      expect(opsOf((x) => tf.div(1, x), [3])).toEqual(['RealDiv']);
    });
  });

  describe('the serialised graph', () => {
    it('puts inputs before their users and holds every kind of attribute', () => {
      const nodes = nodesOf(
        (x) =>
          tf.leakyRelu(
            tf.mirrorPad(
              tf.transpose(x),
              [
                [0, 0],
                [1, 0],
              ],
              'reflect',
            ),
            0.25,
          ),
        [4, 3],
      );
      const seen = new Set<string>();
      for (const node of nodes) {
        for (const input of node.inputs) expect(seen).toContain(nodeName(input.node));
        seen.add(nodeName(node));
      }
      const text = Buffer.from(serializeSavedModel(nodes)).toString('latin1');
      for (const part of ['serve', 'LeakyRelu_', 'alpha', 'REFLECT', 'Placeholder_', '_label'])
        expect(text).toContain(part);
    });
  });
});
