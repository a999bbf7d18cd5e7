import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { identity, qr, symmetricEigen, triangularSolve } from '../../../src/ops/linear-algebra.js';
import type { Shape } from '../../../src/engine/engine.js';

type Tensor = tf.Tensor;

/** A function that leads to an op, and what it is tried with. */
export interface OpCase {
  readonly shapes: fc.Arbitrary<readonly Shape[]>;
  /** Gives tensors or a list of them. The first input's shape may decide about axes and sizes. */
  readonly fn: (...inputs: Tensor[]) => Tensor | Tensor[];
  /** Normal numbers to numbers where the function is defined. */
  readonly domain?: (value: number) => number;
  /** The type of all inputs, and whether gradients are compared. */
  readonly kind: 'differentiable' | 'float' | 'int' | 'bool';
}

const size = fc.integer({ min: 1, max: 5 });
/** Longer ones reach the constants that are not stored value by value. */
const shape = fc.oneof(fc.array(size, { maxLength: 4 }), fc.constant([5, 7]));
const atLeastRank = (rank: number) => fc.array(size, { minLength: rank, maxLength: Math.max(rank, 4) });
const one = shape.map((x) => [x]);
const onePlus = atLeastRank(1).map((x) => [x]);
const two = shape.map((x) => [x, x]);

/** Two shapes that broadcast: of the second, sizes are 1 and leading ones left out. */
const broadcasting = fc
  .tuple(shape, fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), fc.nat(4), fc.boolean())
  .map(([x, ones, dropped, swapped]) => {
    const smaller = x.map((n, i) => (ones[i] ? 1 : n)).slice(Math.min(dropped, x.length));
    return swapped ? [smaller, x] : [x, smaller];
  });

/** Shapes of products, of matrices and of batches. */
const products = fc.tuple(fc.array(size, { maxLength: 2 }), size, size, size).map(([batch, m, k, n]) => [
  [...batch, m, k],
  [...batch, k, n],
]);
const positive = (x: number) => Math.abs(x) + 0.1;
const inside = (x: number) => Math.tanh(x) * 0.9;
/** Away from the kinks and steps at whole numbers. */
const between = (x: number) => Math.trunc(3 * x) + 0.3 + 0.4 / (1 + Math.exp(-x));

const unary = (
  fn: (x: Tensor) => Tensor,
  domain?: OpCase['domain'],
  kind: OpCase['kind'] = 'differentiable',
): OpCase => ({
  shapes: one,
  fn: (x) => fn(x),
  kind,
  ...(domain && { domain }),
});
const binary = (
  fn: (a: Tensor, b: Tensor) => Tensor,
  kind: OpCase['kind'] = 'differentiable',
  domain?: OpCase['domain'],
): OpCase => ({ shapes: broadcasting, fn: (a, b) => fn(a, b), kind, ...(domain && { domain }) });
/** Over the last axis, and over all of them. */
const reduction = (fn: (x: Tensor, axis?: number, keep?: boolean) => Tensor, kind: OpCase['kind']): OpCase => ({
  shapes: onePlus,
  fn: (x) => [fn(x, -1, true), fn(x, 0), fn(x)],
  kind,
});
const last = (x: Tensor | undefined) => x!.shape.at(-1)!;
const indices = (values: Tensor, below: number) =>
  tf.cast(tf.mod(tf.abs(tf.round(tf.mul(values, 100))), below), 'int32');
const fixed = (count: number, below: number) =>
  tf.tensor1d(
    Int32Array.from({ length: count }, (_, i) => (3 * i + 1) % below),
    'int32',
  );

/** A case for every op of the shape table. */
export const opCases: Readonly<Record<string, OpCase>> = {
  Abs: unary(tf.abs, between),
  Neg: unary(tf.neg),
  Sign: unary(tf.sign),
  Floor: unary(tf.floor, between),
  Ceil: unary(tf.ceil, between),
  Round: unary(tf.round, between),
  Reciprocal: unary(tf.reciprocal, positive),
  Square: unary(tf.square),
  Sqrt: unary(tf.sqrt, positive),
  Rsqrt: unary(tf.rsqrt, positive),
  Exp: unary(tf.exp),
  Expm1: unary(tf.expm1),
  Log: unary(tf.log, positive),
  Log1p: unary(tf.log1p, positive),
  Erf: unary(tf.erf),
  Sigmoid: unary(tf.sigmoid),
  Softplus: unary(tf.softplus),
  Sin: unary(tf.sin),
  Cos: unary(tf.cos),
  Tan: unary(tf.tan, inside),
  Asin: unary(tf.asin, inside),
  Acos: unary(tf.acos, inside),
  Atan: unary(tf.atan),
  Sinh: unary(tf.sinh),
  Cosh: unary(tf.cosh),
  Tanh: unary(tf.tanh),
  Asinh: unary(tf.asinh),
  Acosh: unary(tf.acosh, (x) => 1 + positive(x)),
  Atanh: unary(tf.atanh, inside),
  Relu: unary(tf.relu, between),
  Relu6: unary(tf.relu6, between),
  LeakyRelu: unary((x) => tf.leakyRelu(x, 0.3), between),
  Elu: unary(tf.elu),
  EluGrad: unary((x) => tf.grad(tf.elu)(x), undefined, 'float'),
  Selu: unary(tf.selu),
  LogicalNot: unary((x) => tf.logicalNot(x), undefined, 'bool'),
  ZerosLike: unary((x) => tf.add(tf.zerosLike(x), x)),
  OnesLike: unary((x) => tf.mul(tf.onesLike(x), x)),
  AddN: { shapes: two, fn: (a, b) => tf.addN([a, b, a]), kind: 'differentiable' },
  IsNan: unary((x) => tf.isNaN(tf.sqrt(x)), undefined, 'float'),
  IsInf: unary((x) => tf.isInf(tf.div(1, tf.relu(x))), undefined, 'float'),
  IsFinite: unary((x) => tf.isFinite(tf.log(tf.relu(x))), undefined, 'float'),
  Add: binary(tf.add),
  Sub: binary(tf.sub),
  Mul: binary(tf.mul),
  RealDiv: binary(tf.div, 'differentiable', positive),
  FloorDiv: binary(tf.floorDiv, 'float', between),
  FloorMod: binary(tf.mod, 'float', between),
  // TensorFlow.js's gradients of these do not broadcast.
  Maximum: { ...binary(tf.maximum), shapes: two },
  Minimum: { ...binary(tf.minimum), shapes: two },
  Pow: binary(tf.pow, 'differentiable', positive),
  SquaredDifference: { ...binary(tf.squaredDifference), shapes: two },
  Atan2: binary(tf.atan2, 'differentiable', positive),
  Equal: binary(tf.equal, 'int'),
  NotEqual: binary(tf.notEqual, 'int'),
  Less: binary(tf.less, 'float'),
  LessEqual: binary(tf.lessEqual, 'int'),
  Greater: binary(tf.greater, 'float'),
  GreaterEqual: binary(tf.greaterEqual, 'int'),
  LogicalAnd: binary(tf.logicalAnd, 'bool'),
  LogicalOr: binary(tf.logicalOr, 'bool'),
  Select: {
    shapes: two,
    fn: (a, b) => tf.where(tf.cast(tf.reshape(fixed(a.size, 2), a.shape), 'bool'), a, b),
    kind: 'differentiable',
  },
  Cast: unary((x) => tf.cast(tf.cast(x, 'int32'), 'float32'), between, 'float'),

  Sum: reduction(tf.sum, 'differentiable'),
  Mean: reduction(tf.mean, 'differentiable'),
  Max: reduction(tf.max, 'differentiable'),
  Min: reduction(tf.min, 'differentiable'),
  Prod: reduction(tf.prod, 'float'),
  All: reduction((x, axis, keep) => tf.all(x, axis, keep), 'bool'),
  Any: reduction((x, axis, keep) => tf.any(x, axis, keep), 'bool'),
  ArgMax: { shapes: onePlus, fn: (x) => [tf.argMax(x, -1), tf.argMax(x, 0)], kind: 'float' },
  ArgMin: { shapes: onePlus, fn: (x) => [tf.argMin(x, -1), tf.argMin(x, 0)], kind: 'float' },
  Softmax: { shapes: onePlus, fn: (x) => tf.softmax(x), kind: 'differentiable' },
  Cumsum: { shapes: onePlus, fn: (x) => tf.cumsum(x, 0, true, true), kind: 'float' },
  Cumprod: { shapes: onePlus, fn: (x) => tf.cumprod(x, 0), kind: 'float' },
  ReverseV2: { shapes: onePlus, fn: (x) => tf.reverse(x, 0), kind: 'differentiable' },
  TopKV2: {
    shapes: onePlus,
    fn: (x) => {
      const { values, indices } = tf.topk(x, Math.ceil(last(x) / 2));
      return [values, indices];
    },
    kind: 'float',
  },

  Reshape: {
    shapes: onePlus,
    fn: (x) => [
      tf.reshape(tf.reshape(x, [-1, 1]), [last(x), -1]),
      tf.expandDims(x, 0),
      tf.expandDims(x, -1),
      tf.squeeze(x),
    ],
    kind: 'differentiable',
  },
  Transpose: {
    shapes: onePlus,
    fn: (x) => {
      const turn = [...x.shape.keys()].map((axis) => (axis + 1) % x.rank);
      return [tf.transpose(x), tf.transpose(tf.transpose(x, turn), turn), tf.transpose(tf.transpose(x))];
    },
    kind: 'differentiable',
  },
  Slice: {
    shapes: onePlus,
    fn: (x) => [
      tf.slice(
        x,
        x.shape.map((n) => n >> 1),
      ),
      tf.slice(x, 0, 1),
    ],
    kind: 'differentiable',
  },
  ConcatV2: {
    shapes: onePlus,
    fn: (x) => [tf.concat([x, x], 0), tf.concat([x, tf.square(x), x], -1)],
    kind: 'differentiable',
  },
  SplitV: {
    shapes: onePlus,
    fn: (x) => tf.split(tf.concat([x, x], 0), [1, 2 * x.shape[0] - 1], 0),
    kind: 'differentiable',
  },
  Pack: { shapes: one, fn: (x) => [tf.stack([x, x, x]), tf.stack([x, tf.neg(x)], -1)], kind: 'differentiable' },
  Unpack: {
    shapes: onePlus,
    fn: (x) => [...tf.unstack(tf.concat([x, x], 0)), ...tf.unstack(tf.concat([x, x], -1), -1)],
    kind: 'differentiable',
  },
  Tile: {
    shapes: onePlus,
    fn: (x) =>
      tf.tile(
        x,
        x.shape.map((_, i) => i + 1),
      ),
    kind: 'differentiable',
  },
  PadV2: {
    shapes: onePlus,
    fn: (x) =>
      tf.pad(
        x,
        x.shape.map((_, i) => [i, 2] as const),
        7,
      ),
    kind: 'differentiable',
  },
  MirrorPad: {
    shapes: onePlus,
    fn: (x) =>
      tf.mirrorPad(
        x,
        x.shape.map(() => [1, 0] as [number, number]),
        'symmetric',
      ),
    kind: 'float',
  },
  Diag: { shapes: size.map((n) => [[n]]), fn: (x) => tf.diag(x), kind: 'float' },

  GatherV2: {
    shapes: onePlus,
    fn: (x) => [tf.gather(x, fixed(4, x.shape[0])), tf.gather(x, fixed(3, last(x)), x.rank - 1)],
    kind: 'differentiable',
  },
  GatherNd: {
    shapes: atLeastRank(2).map((x) => [x]),
    fn: (x) => tf.gatherND(x, tf.tensor2d([0, 0, x.shape[0] - 1, x.shape[1]! - 1], [2, 2], 'int32')),
    kind: 'float',
  },
  ScatterNd: {
    shapes: onePlus,
    fn: (x) => tf.scatterND(tf.reshape(fixed(x.shape[0], 3), [-1, 1]), x, [3, ...x.shape.slice(1)]),
    kind: 'float',
  },
  UnsortedSegmentSum: {
    shapes: onePlus,
    fn: (x) => tf.unsortedSegmentSum(x, fixed(x.shape[0], 3), 3),
    kind: 'differentiable',
  },
  OneHot: { shapes: one, fn: (x) => tf.oneHot(indices(x, 4), 4, 2, -1), kind: 'float' },

  Fill: { shapes: one, fn: (x) => [tf.fill([30], 3), tf.mul(x, tf.fill(x.shape, -2))], kind: 'differentiable' },
  Range: { shapes: one, fn: () => [tf.range(0, 7, 2), tf.range(5, -2, -2, 'int32')], kind: 'float' },
  LinSpace: { shapes: one, fn: () => tf.linspace(-1, 2, 7), kind: 'float' },

  BatchMatMulV2: {
    shapes: products,
    fn: (a, b) => {
      const swap = [...a.shape.keys()].map((axis) => axis + (axis === a.rank - 1 ? -1 : axis === a.rank - 2 ? 1 : 0));
      const [A, B] = [tf.transpose(a, swap), tf.transpose(b, swap)];
      return [tf.matMul(a, b), tf.matMul(A, B, true, true), tf.matMul(B, A), tf.matMul(a, a, false, true)];
    },
    kind: 'differentiable',
  },
  Qr: {
    shapes: fc.tuple(size, fc.nat(3)).map(([n, more]) => [[n + more, n]]),
    fn: (x) => Object.values(qr(x)),
    kind: 'float',
  },
  MatrixTriangularSolve: {
    shapes: fc.tuple(size, size).map(([n, columns]) => [
      [n, n],
      [n, columns],
    ]),
    fn: (a, b) => {
      const A = tf.add(a, tf.mul(3, identity(a.shape[0])));
      return [true, false].flatMap((lower) =>
        [true, false].map((adjoint) => triangularSolve(A, b, { lower, adjoint })),
      );
    },
    domain: Math.tanh,
    kind: 'float',
  },
  SelfAdjointEigV2: {
    shapes: size.map((n) => [[n, n]]),
    fn: (x) => Object.values(symmetricEigen(tf.add(x, tf.transpose(x)))),
    kind: 'float',
  },
};
