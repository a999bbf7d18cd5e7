import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../../../src/engine/graph/compile.js';
import { fuse } from '../../../src/engine/graph/fuse.js';
import { Graph, reachable, typeOf, type FunctionBody, type Node, type Shape } from '../../../src/engine/graph/graph.js';
import { trace } from '../../../src/engine/graph/trace.js';
import { fetched, placeholder } from '../../../src/engine/graph/variables.js';
import { causalAttention, causalMask } from '../../../src/model/attention.js';
import { gelu, layerNorm, rotaryTables, rotate } from '../../../src/model/layers.js';
import { expectAllClose } from '../../support/allclose.js';
import { normals } from '../../support/random.js';
import { describeCompiled } from './support.js';

type Fn = (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[];

/** The nodes of a function after fusing. */
function fusedNodes(fn: Fn, shapes: readonly Shape[]): Node[] {
  const graph = new Graph();
  const inputs = shapes.map((shape, i) => placeholder(graph, `${i}`, 'float32', shape));
  const outputs = trace(graph, ({ tensorOf, outputOf }) =>
    [fn(...inputs.map(tensorOf))].flat().map((tensor) => fetched(graph, outputOf(tensor))),
  );
  return reachable(fuse(graph, { assignments: [], outputs }, 1).outputs.map(({ node }) => node));
}

const opsOf = (nodes: readonly Node[]) => nodes.map(({ op }) => op).sort();
const bodiesOf = (nodes: readonly Node[]): FunctionBody[] =>
  nodes
    .flatMap(({ attributes }) => Object.values(attributes))
    .flatMap((value) => ('function' in value ? [value.function] : []));

function expectSame(fn: Fn, shapes: readonly Shape[]): void {
  const compiled = compile(
    (...inputs) => [fn(...inputs)].flat(),
    shapes.map((shape) => ({ shape })),
    { fuseFrom: 1 },
  );
  tf.tidy(() => {
    const inputs = shapes.map((shape, i) =>
      tf.tensor(
        normals(
          `input ${i}`,
          shape.reduce((a, b) => a * b, 1),
        ),
        [...shape],
      ),
    );
    const actual = compiled(...inputs);
    [fn(...inputs)].flat().forEach((y, i) => {
      const expected = y.dataSync();
      expectAllClose(actual[i]!.dataSync(), expected, 2e-6 * Math.max(1, ...Array.from(expected, Math.abs)));
    });
  });
  compiled.dispose();
}

await describeCompiled(() => {
  describe('fusing', () => {
    it('makes one op of neighbouring element-by-element ops', () => {
      const fn: Fn = (x, y) => tf.mul(tf.add(x, y), tf.exp(tf.neg(x)));
      const nodes = fusedNodes(fn, [[4, 8], [8]]);
      expect(opsOf(nodes)).toEqual(['Identity', 'PartitionedCall', 'Placeholder', 'Placeholder']);
      expect(opsOf(bodiesOf(nodes)[0]!.nodes)).toEqual(['Add', 'Exp', 'Mul', 'Neg']);
      expectSame(fn, [[4, 8], [8]]);
    });

    it('leaves single ops, numbers, and moving of elements as they are', () => {
      const calls = (fn: Fn, shape: Shape) => opsOf(fusedNodes(fn, [shape])).filter((op) => op === 'PartitionedCall');
      expect(calls((x) => tf.exp(x), [4, 4])).toEqual([]);
      expect(calls((x) => tf.exp(tf.neg(x)), [])).toEqual([]);
      expect(calls((x) => tf.reshape(tf.transpose(tf.exp(x), [1, 0, 2]), [2, 8]), [2, 2, 4])).toEqual([]);
      expect(calls((x) => tf.exp(tf.neg(x)), [4, 4])).toHaveLength(1);
    });

    it('stores only what something outside needs, and computes the rest again', () => {
      // As GELU forward and backward: both need exp(x); only the product with w needs their results.
      const fn: Fn = (x, w) => {
        const shared = tf.exp(tf.neg(x));
        const forward = tf.matMul(tf.mul(x, shared), w);
        return tf.mul(tf.add(shared, 1), forward);
      };
      const nodes = fusedNodes(fn, [
        [4, 4],
        [4, 4],
      ]);
      const bodies = bodiesOf(nodes);
      expect(bodies.map((body) => opsOf(body.nodes).includes('Exp'))).toEqual([true, true]);
      expect(bodies.map(({ results }) => results.length)).toEqual([1, 1]);
      expectSame(fn, [
        [4, 4],
        [4, 4],
      ]);
    });

    it('does not repeat a computation for each time that it is spread out', () => {
      const fn: Fn = (x, row) => tf.mul(tf.add(x, 1), tf.sqrt(tf.exp(row)));
      const nodes = fusedNodes(fn, [
        [8, 4],
        [8, 1],
      ]);
      expect(
        bodiesOf(nodes).map(({ nodes, results }) => [
          opsOf(nodes).filter((op) => op !== 'Const'),
          typeOf(results[0]!).shape,
        ]),
      ).toEqual([
        [
          ['Exp', 'Sqrt'],
          [8, 1],
        ],
        [
          ['Add', 'Mul'],
          [8, 4],
        ],
      ]);
      expectSame(fn, [
        [8, 4],
        [8, 1],
      ]);
    });

    it('joins results that use each other, but not around an op that stays outside', () => {
      const joined: Fn = (x) => {
        const a = tf.exp(tf.neg(x));
        return [a, tf.mul(tf.add(a, x), a)];
      };
      expect(bodiesOf(fusedNodes(joined, [[4, 4]])).map(({ results }) => results.length)).toEqual([2]);
      expectSame(joined, [[4, 4]]);
      const around: Fn = (x) => {
        const a = tf.exp(tf.neg(x));
        return [a, tf.mul(tf.add(a, x), tf.softmax(a))];
      };
      expect(bodiesOf(fusedNodes(around, [[4, 4]])).map(({ results }) => results.length)).toEqual([1, 1]);
      expectSame(around, [[4, 4]]);
      // The way around leads through an op of another size, which is in a region of its own.
      const through: Fn = (x) => {
        const a = tf.exp(tf.neg(x));
        const part = tf.sqrt(tf.exp(tf.slice(a, [0, 0], [1, 4])));
        return [a, tf.mul(tf.add(a, x), part)];
      };
      expectSame(through, [[4, 4]]);
    });

    it('calls one function for all layers of one shape', () => {
      const fn: Fn = (x, w) => {
        let y = x;
        for (let i = 0; i < 3; i++) y = tf.matMul(tf.mul(tf.exp(tf.neg(y)), y), w);
        return y;
      };
      const names = bodiesOf(
        fusedNodes(fn, [
          [4, 4],
          [4, 4],
        ]),
      ).map(({ name }) => name);
      expect(names).toHaveLength(3);
      expect(new Set(names).size).toBe(1);
      const other = bodiesOf(fusedNodes((x) => tf.mul(tf.exp(tf.neg(x)), 2), [[4, 4]]));
      expect(names).not.toContain(other[0]!.name);
      const wider = bodiesOf(fusedNodes((x) => tf.mul(tf.exp(tf.neg(x)), 3), [[4, 4]]));
      expect(wider[0]!.name).not.toBe(other[0]!.name);
    });

    it.each<[string, Fn, Shape[]]>([
      ['layer norm', layerNorm, [[6, 8], [8]]],
      ['GELU', gelu, [[6, 8]]],
      ['rotation', (x) => rotate(x, rotaryTables(4, 6)), [[2, 3, 4, 6]]],
      [
        'attention',
        (q, k, v) => causalAttention(q, k, v, causalMask(4)),
        [
          [2, 3, 4, 6],
          [2, 3, 4, 6],
          [2, 3, 4, 6],
        ],
      ],
    ])('keeps value and gradient of %s', (_name, layer, shapes) => {
      const fn: Fn = (...inputs) => {
        const weigh = (y: tf.Tensor) => tf.mul(y, tf.tensor(normals('weight', y.size), y.shape));
        const gradients = tf.grads((...xs: tf.Tensor[]) => tf.sum(weigh(layer(...xs) as tf.Tensor)))(inputs);
        return [layer(...inputs) as tf.Tensor, ...gradients];
      };
      expectSame(fn, shapes);
    });

    it('keeps the values of any function', () => {
      fc.assert(
        fc.property(programs, (program) => {
          expectSame(
            (x, y, w) => program.reduce<tf.Tensor[]>((made, step) => step(made), [x, y, w]).slice(-3),
            [
              ...[
                [3, 4],
                [3, 4],
                [3, 4],
              ],
            ],
          );
        }),
        { numRuns: 25, seed: 7 },
      );
    });
  });
});

/** A step takes tensors [3, 4] made so far and adds one. */
type Step = (made: tf.Tensor[]) => tf.Tensor[];

const unary: ((x: tf.Tensor) => tf.Tensor)[] = [
  tf.tanh,
  tf.neg,
  (x) => tf.add(tf.mul(x, 0.5), 1),
  (x) => tf.softmax(x),
  (x) => tf.mul(tf.sum(x, -1, true), tf.ones([3, 4])),
  (x) => tf.transpose(tf.reshape(x, [4, 3])),
  (x) => tf.concat([tf.neg(tf.slice(x, [0, 2])), tf.slice(x, [0, 0], [3, 2])], 1),
  (x) => tf.sub(x, tf.tanh(tf.slice(x, [1, 0], [1, 4]))),
  (x) => tf.stack(tf.unstack(x).reverse()),
];
const binary: ((x: tf.Tensor, y: tf.Tensor) => tf.Tensor)[] = [
  tf.add,
  (x, y) => tf.mul(tf.tanh(x), y),
  tf.maximum,
  (x, y) => tf.where(tf.greater(x, y), x, tf.neg(y)),
  (x, y) => tf.tanh(tf.matMul(tf.matMul(x, y, false, true), x)),
];

const programs: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc
      .tuple(fc.constantFrom(...unary), fc.nat(20))
      .map(([fn, a]): Step => (made) => [...made, fn(made[a % made.length]!)]),
    fc
      .tuple(fc.constantFrom(...binary), fc.nat(20), fc.nat(20))
      .map(([fn, a, b]): Step => (made) => [...made, fn(made[a % made.length]!, made[b % made.length]!)]),
  ),
  { minLength: 4, maxLength: 14 },
);
