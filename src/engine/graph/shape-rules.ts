import { sizeOf, type Attributes, type Dtype, type Shape, type TensorType } from './graph.js';

/** An input of a shape rule, with its values if they are constant. */
export interface Operand extends TensorType {
  readonly values: ArrayLike<number> | undefined;
}

/** Computes the types of an op's outputs. TensorFlow.js has already checked the inputs. */
export type ShapeRule = (inputs: readonly Operand[], attributes: Attributes) => TensorType[];

const same: ShapeRule = ([x]) => [{ shape: x!.shape, dtype: x!.dtype }];

const predicate: ShapeRule = ([x]) => [{ shape: x!.shape, dtype: 'bool' }];

const broadcasting =
  (dtype?: Dtype): ShapeRule =>
  ([a, b]) => [{ shape: broadcast(a!.shape, b!.shape), dtype: dtype ?? a!.dtype }];

/** Inputs: x and the axes. */
const reduction: ShapeRule = ([x, axes], { keep_dims }) => {
  const reduced = new Set(known(axes).map((axis) => positive(axis, x!.shape.length)));
  const shape = flag(keep_dims)
    ? x!.shape.map((size, i) => (reduced.has(i) ? 1 : size))
    : x!.shape.filter((_, i) => !reduced.has(i));
  return [{ shape, dtype: x!.dtype }];
};

/** Inputs: x and the axis to remove. */
const argument: ShapeRule = ([x, axis]) => {
  const gone = positive(known(axis)[0]!, x!.shape.length);
  return [{ shape: x!.shape.filter((_, i) => i !== gone), dtype: 'int32' }];
};

/** Inputs: x and, for each axis, the padding before and after. */
const padding: ShapeRule = ([x, around]) => {
  const widths = known(around);
  return [{ shape: x!.shape.map((size, i) => size + widths[2 * i]! + widths[2 * i + 1]!), dtype: x!.dtype }];
};

const arithmetic = [
  ...['Add', 'Sub', 'Mul', 'RealDiv', 'FloorDiv', 'FloorMod'],
  ...['Maximum', 'Minimum', 'Pow', 'SquaredDifference', 'Atan2'],
];
const logic = ['Equal', 'NotEqual', 'Less', 'LessEqual', 'Greater', 'GreaterEqual', 'LogicalAnd', 'LogicalOr'];

/** Ops of two operands that are broadcast. */
export const broadcastingOps: ReadonlySet<string> = new Set([...arithmetic, ...logic]);

/** The shape rules of all ops that can be compiled, by TensorFlow's op name. */
export const shapeRules: Readonly<Record<string, ShapeRule>> = {
  // Elementwise.
  ...forEach(['Abs', 'Neg', 'Sign', 'Floor', 'Ceil', 'Round', 'Reciprocal', 'Square', 'Sqrt', 'Rsqrt'], same),
  ...forEach(['Exp', 'Expm1', 'Log', 'Log1p', 'Erf', 'Sigmoid', 'Softplus'], same),
  ...forEach(['Sin', 'Cos', 'Tan', 'Asin', 'Acos', 'Atan', 'Sinh', 'Cosh', 'Tanh', 'Asinh', 'Acosh', 'Atanh'], same),
  ...forEach(['Relu', 'Relu6', 'LeakyRelu', 'Elu', 'EluGrad', 'Selu'], same),
  ...forEach(['LogicalNot', 'ZerosLike', 'OnesLike', 'AddN'], same),
  ...forEach(['IsNan', 'IsInf', 'IsFinite'], predicate),
  ...forEach(arithmetic, broadcasting()),
  ...forEach(logic, broadcasting('bool')),
  Select: ([, then]) => [{ shape: then!.shape, dtype: then!.dtype }],
  Cast: ([x], { DstT }) => [{ shape: x!.shape, dtype: dtypeNamed(DstT) }],

  // Along axes.
  ...forEach(['Sum', 'Mean', 'Max', 'Min', 'Prod', 'All', 'Any'], reduction),
  ...forEach(['ArgMax', 'ArgMin'], argument),
  ...forEach(['Softmax', 'Cumsum', 'Cumprod', 'ReverseV2'], same),
  TopKV2: ([x, k]) => {
    const shape = [...x!.shape.slice(0, -1), known(k)[0]!];
    return [
      { shape, dtype: x!.dtype },
      { shape, dtype: 'int32' },
    ];
  },

  // Layout.
  Reshape: ([x, shape]) => [{ shape: resolved(known(shape), sizeOf(x!.shape)), dtype: x!.dtype }],
  Transpose: ([x, order]) => [{ shape: known(order).map((axis) => x!.shape[axis]!), dtype: x!.dtype }],
  Slice: ([x, begin, size]) => [
    { shape: known(size).map((n, i) => (n === -1 ? x!.shape[i]! - known(begin)[i]! : n)), dtype: x!.dtype },
  ],
  ConcatV2: (inputs) => {
    const parts = inputs.slice(0, -1);
    const { shape, dtype } = parts[0]!;
    const axis = positive(known(inputs.at(-1))[0]!, shape.length);
    return [
      {
        shape: shape.with(
          axis,
          parts.reduce((sum, part) => sum + part.shape[axis]!, 0),
        ),
        dtype,
      },
    ];
  },
  SplitV: ([x, sizes, axis]) => {
    const at = positive(known(axis)[0]!, x!.shape.length);
    return known(sizes).map((size) => ({ shape: x!.shape.with(at, size), dtype: x!.dtype }));
  },
  Pack: (inputs, { axis }) => {
    const { shape, dtype } = inputs[0]!;
    return [{ shape: shape.toSpliced(positive(whole(axis), shape.length + 1), 0, inputs.length), dtype }];
  },
  Unpack: ([x], { axis, num }) => {
    const shape = x!.shape.toSpliced(positive(whole(axis), x!.shape.length), 1);
    return Array.from({ length: whole(num) }, () => ({ shape, dtype: x!.dtype }));
  },
  Tile: ([x, times]) => [{ shape: x!.shape.map((size, i) => size * known(times)[i]!), dtype: x!.dtype }],
  ...forEach(['PadV2', 'MirrorPad'], padding),
  Diag: ([x]) => [{ shape: [...x!.shape, ...x!.shape], dtype: x!.dtype }],

  // By index.
  GatherV2: ([x, indices, axis], { batch_dims }) => {
    const [at, batch] = [positive(known(axis)[0]!, x!.shape.length), batch_dims ? whole(batch_dims) : 0];
    const shape = [...x!.shape.slice(0, at), ...indices!.shape.slice(batch), ...x!.shape.slice(at + 1)];
    return [{ shape, dtype: x!.dtype }];
  },
  GatherNd: ([x, indices]) => [
    { shape: [...indices!.shape.slice(0, -1), ...x!.shape.slice(indices!.shape.at(-1))], dtype: x!.dtype },
  ],
  ScatterNd: ([, updates, shape]) => [{ shape: known(shape), dtype: updates!.dtype }],
  UnsortedSegmentSum: ([x, ids, count]) => [
    { shape: [known(count)[0]!, ...x!.shape.slice(ids!.shape.length)], dtype: x!.dtype },
  ],
  OneHot: ([indices, depth, on]) => [{ shape: [...indices!.shape, known(depth)[0]!], dtype: on!.dtype }],

  // Created from numbers.
  Fill: ([shape, value]) => [{ shape: known(shape), dtype: value!.dtype }],
  Range: ([start, limit, delta]) => {
    const [from, to, by] = [known(start)[0]!, known(limit)[0]!, known(delta)[0]!];
    return [{ shape: [Math.max(0, Math.ceil((to - from) / by))], dtype: start!.dtype }];
  },
  LinSpace: ([start, , count]) => [{ shape: known(count), dtype: start!.dtype }],

  // Linear algebra.
  BatchMatMulV2: ([a, b], { adj_x, adj_y }) => {
    const [A, B] = [a!.shape, b!.shape];
    const rows = A.at(flag(adj_x) ? -1 : -2)!;
    const columns = B.at(flag(adj_y) ? -2 : -1)!;
    return [{ shape: [...broadcast(A.slice(0, -2), B.slice(0, -2)), rows, columns], dtype: a!.dtype }];
  },
  Qr: ([x]) => {
    const [rows, columns] = x!.shape as [number, number];
    const inner = Math.min(rows, columns);
    return [
      { shape: [rows, inner], dtype: x!.dtype },
      { shape: [inner, columns], dtype: x!.dtype },
    ];
  },
  MatrixTriangularSolve: ([, rhs]) => [{ shape: rhs!.shape, dtype: rhs!.dtype }],
  SelfAdjointEigV2: ([x]) => [
    { shape: x!.shape.slice(0, -1), dtype: x!.dtype },
    { shape: x!.shape, dtype: x!.dtype },
  ],
};

function forEach(ops: readonly string[], rule: ShapeRule): Record<string, ShapeRule> {
  return Object.fromEntries(ops.map((op) => [op, rule]));
}

function broadcast(a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [left, right] = [a[a.length - rank + i] ?? 1, b[b.length - rank + i] ?? 1];
    return left === 1 ? right : left;
  });
}

/** Returns the constant values that decide a shape. They are constant if TensorFlow.js was given numbers. */
function known(operand: Operand | undefined): number[] {
  if (operand?.values === undefined) throw new Error('a shape depends on values that are not known before the run');
  return Array.from(operand.values);
}

function positive(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

function resolved(shape: readonly number[], size: number): number[] {
  const rest = size / shape.reduce((total, dimension) => (dimension === -1 ? total : total * dimension), 1);
  return shape.map((dimension) => (dimension === -1 ? rest : dimension));
}

function flag(attribute: Attributes[string] | undefined): boolean {
  return attribute !== undefined && 'b' in attribute && attribute.b;
}

function whole(attribute: Attributes[string] | undefined): number {
  if (attribute === undefined || !('i' in attribute)) throw new Error('an attribute that decides the shape is missing');
  return attribute.i;
}

function dtypeNamed(attribute: Attributes[string] | undefined): Dtype {
  const number = attribute !== undefined && 'type' in attribute ? attribute.type : undefined;
  if (number === 1) return 'float32';
  if (number === 3) return 'int32';
  if (number === 10) return 'bool';
  throw new Error(`tensors of TensorFlow's type ${number} cannot be compiled`);
}
