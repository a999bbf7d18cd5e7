import { describe, expect, it } from 'vitest';
import { Graph, reachable, type Dtype, type Output, type Shape } from '../../../src/engine/graph/graph.js';
import { workOf } from '../../../src/engine/graph/work.js';

const graph = new Graph();
let inputs = 0;

function input(shape: Shape, dtype: Dtype = 'float32'): Output {
  return graph.output({ op: 'Placeholder', attributes: { name: { s: `${inputs++}` } }, outputs: [{ shape, dtype }] });
}

function result(op: string, shape: Shape, from: readonly Output[], transposed: readonly string[] = []): Output {
  const attributes = Object.fromEntries(transposed.map((name) => [name, { b: true }]));
  return graph.output({ op, inputs: from, attributes, outputs: [{ shape, dtype: 'float32' }] });
}

const workFor = (...outputs: readonly Output[]) => workOf(reachable(outputs.map(({ node }) => node)));

describe('the work of a step', () => {
  it.each([
    ['MatMul', [2, 3], [3, 5], []],
    ['MatMul', [3, 2], [3, 5], ['transpose_a']],
    ['MatMul', [2, 3], [5, 3], ['transpose_b']],
    ['BatchMatMulV2', [2, 3], [3, 5], []],
    ['BatchMatMulV2', [3, 2], [3, 5], ['adj_x']],
  ] as const)('of a product %s of %j and %j %j', (op, left, right, transposed) => {
    const product = result(op, [2, 5], [input(left), input(right)], transposed);
    expect(workFor(product)).toEqual([
      { kind: 'product', op, shape: [2, 5], count: 1, flops: 2 * 2 * 3 * 5, bytes: 4 * (6 + 15 + 10) },
    ]);
  });

  it('counts every product of a batch', () => {
    const [work] = workFor(result('BatchMatMulV2', [7, 2, 5], [input([7, 2, 3]), input([7, 3, 5])]));
    expect(work!.flops).toBe(7 * 2 * 2 * 3 * 5);
  });

  it('of passes is what they read and write, in the bytes of their types', () => {
    const x = input([10], 'bfloat16');
    const y = input([10], 'bool');
    expect(workFor(result('Select', [10], [y, x, x]))).toEqual([
      { kind: 'pass', op: 'Select', shape: [10], count: 1, flops: 0, bytes: 10 + 20 + 20 + 40 },
    ]);
  });

  it('puts equal ones together, the largest traffic first', () => {
    const [a, b] = [input([4]), input([4])];
    const large = input([100]);
    const works = workFor(result('Exp', [4], [a]), result('Exp', [4], [b]), result('Exp', [100], [large]));
    expect(works.map(({ shape, count, bytes }) => [shape, count, bytes])).toEqual([
      [[100], 1, 800],
      [[4], 2, 64],
    ]);
  });

  it('is nothing where memory is only handed on', () => {
    expect(workFor(result('Reshape', [2, 2], [result('Identity', [4], [input([4])])]))).toEqual([]);
  });

  it('tells decompositions from passes', () => {
    expect(workFor(result('SelfAdjointEigV2', [3], [input([3, 3])]))[0]!.kind).toBe('decomposition');
  });
});
