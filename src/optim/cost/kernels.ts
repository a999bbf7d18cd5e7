import {
  backend_util,
  slice_util,
  util,
  type DataType,
  type NamedAttrMap,
  type TensorInfo,
} from '@tensorflow/tfjs-core';

/** The kind of kernel that does a floating-point operation. */
export type Kind = 'matmul' | 'decomposition' | 'elementwise';

export type KernelInputs = Readonly<Record<string, TensorInfo>>;

/** The results of a kernel and its floating-point operations. */
export interface KernelResult {
  readonly outputs: readonly { readonly shape: readonly number[]; readonly dtype: DataType }[];
  readonly flops: number;
}

interface CountingKernel {
  readonly kind: Kind;
  readonly rule: (inputs: KernelInputs, attributes: NamedAttrMap) => KernelResult;
}

type Shape = readonly number[];

/** One operation per element of the result. Roots and divisions count as one, like additions. */
const unary: CountingKernel = {
  kind: 'elementwise',
  rule: (inputs) => {
    const { shape, dtype } = inputs.x!;
    return { outputs: [{ shape: shape, dtype }], flops: sizeOf(shape) };
  },
};

const binary = (dtype?: DataType): CountingKernel => ({
  kind: 'elementwise',
  rule: ({ a, b }) => {
    const shape = backend_util.assertAndGetBroadcastShape(a!.shape, b!.shape);
    return { outputs: [{ shape: shape, dtype: dtype ?? a!.dtype }], flops: sizeOf(shape) };
  },
});

/** One operation per element of the operand. */
const reduction = (dtype?: DataType): CountingKernel => ({
  kind: 'elementwise',
  rule: (inputs, { axis, keepDims }) => {
    const { shape, dtype: own } = inputs.x!;
    const gone = new Set(util.parseAxisParam((axis ?? null) as unknown as number[], shape));
    const kept = shape.flatMap((size, i) => (gone.has(i) ? (keepDims === true ? [1] : []) : [size]));
    return { outputs: [{ shape: kept, dtype: dtype ?? own }], flops: sizeOf(shape) };
  },
});

/** A kernel that moves values and computes nothing. */
const moving = (
  shapesOf: (inputs: KernelInputs, attributes: NamedAttrMap) => Shape[],
  dtype?: DataType,
): CountingKernel => ({
  kind: 'elementwise',
  rule: (inputs, attributes) => {
    const kept = dtype ?? Object.values(inputs)[0]?.dtype ?? 'float32';
    return { outputs: shapesOf(inputs, attributes).map((shape) => ({ shape, dtype: kept })), flops: 0 };
  },
});

const matMul: CountingKernel = {
  kind: 'matmul',
  rule: ({ a, b }, { transposeA, transposeB }) => {
    const [A, B] = [a!.shape, b!.shape];
    const [rows, inner] = transposeA === true ? [A.at(-1)!, A.at(-2)!] : [A.at(-2)!, A.at(-1)!];
    const columns = B.at(transposeB === true ? -2 : -1)!;
    const batch = backend_util.assertAndGetBroadcastShape(A.slice(0, -2), B.slice(0, -2));
    const shape = [...batch, rows, columns];
    return { outputs: [{ shape: shape, dtype: a!.dtype }], flops: 2 * inner * sizeOf(shape) };
  },
};

/** Householder QR: n reflections of m rows, and as many again for Q (Golub & Van Loan, Matrix Computations, 5.2). */
const qr: CountingKernel = {
  kind: 'decomposition',
  rule: (inputs) => {
    const [m, n] = inputs.x!.shape as [number, number];
    return { outputs: floats([m, n], [n, n]), flops: 4 * n * n * (m - n / 3) };
  },
};

/** A multiplication and an addition per element of the triangle and column of the right-hand side. */
const triangularSolve: CountingKernel = {
  kind: 'decomposition',
  rule: ({ rhs }) => {
    const [d, columns] = rhs!.shape as [number, number];
    return { outputs: floats([d, columns]), flops: d * d * columns };
  },
};

/** The symmetric QR algorithm with eigenvectors: about 9 d³ (Golub & Van Loan, Matrix Computations, 8.3). */
const symmetricEigen: CountingKernel = {
  kind: 'decomposition',
  rule: (inputs) => {
    const { shape } = inputs.x!;
    const [d, batch] = [shape.at(-1)!, sizeOf(shape.slice(0, -2))];
    return { outputs: floats(shape.slice(0, -1), shape), flops: 9 * batch * d ** 3 };
  },
};

/** The kernels that updates use, by their names in TensorFlow.js. */
export const countingKernels: Readonly<Record<string, CountingKernel>> = {
  ...forEach(['Abs', 'Neg', 'Sign', 'Sqrt', 'Rsqrt', 'Square', 'Reciprocal', 'Exp', 'Log', 'Relu'], unary),
  ...forEach(['Add', 'Sub', 'Multiply', 'RealDiv', 'Maximum', 'Minimum', 'Pow', 'SquaredDifference'], binary()),
  ...forEach(['Equal', 'NotEqual', 'Less', 'LessEqual', 'Greater', 'GreaterEqual'], binary('bool')),
  ...forEach(['LogicalAnd', 'LogicalOr'], binary('bool')),
  LogicalNot: unary,
  ...forEach(['IsFinite', 'IsNan'], {
    ...unary,
    rule: ({ x }) => ({ outputs: [{ shape: x!.shape, dtype: 'bool' }], flops: sizeOf(x!.shape) }),
  }),
  ...forEach(['Sum', 'Mean', 'Max', 'Min', 'Prod', 'All', 'Any'], reduction()),
  ...forEach(['ArgMax', 'ArgMin'], reduction('int32')),
  AddN: {
    kind: 'elementwise',
    rule: (inputs) => {
      const all = Object.values(inputs);
      const { shape, dtype } = all[0]!;
      return { outputs: [{ shape: shape, dtype }], flops: (all.length - 1) * sizeOf(shape) };
    },
  },
  BatchMatMul: matMul,
  Qr: qr,
  SelfAdjointEigV2: symmetricEigen,
  MatrixTriangularSolve: triangularSolve,

  ...forEach(
    ['Identity', 'ZerosLike', 'OnesLike', 'Reverse'],
    moving(({ x }) => [x!.shape]),
  ),
  Cast: {
    kind: 'elementwise',
    rule: (inputs, { dtype }) => ({ outputs: [{ shape: inputs.x!.shape, dtype: dtype as DataType }], flops: 0 }),
  },
  Select: {
    kind: 'elementwise',
    rule: ({ t }) => ({ outputs: [{ shape: t!.shape, dtype: t!.dtype }], flops: 0 }),
  },
  Reshape: moving(({ x }, { shape }) => [util.inferFromImplicitShape(shape as number[], sizeOf(x!.shape))]),
  ExpandDims: moving(({ input }, { dim }) => [input!.shape.toSpliced(dim as number, 0, 1)]),
  Transpose: moving(({ x }, { perm }) => [(perm as number[]).map((axis) => x!.shape[axis]!)]),
  Slice: moving(({ x }, { begin, size }) => [
    slice_util.parseSliceParams(x as never, begin as number[], size as number[])[1]!,
  ]),
  Concat: moving((inputs, { axis }) => {
    const shapes = Object.values(inputs).map(({ shape }) => shape);
    const length = shapes.reduce((sum, shape) => sum + shape[axis as number]!, 0);
    return [shapes[0]!.with(axis as number, length)];
  }),
  Pack: moving((inputs, { axis }) => {
    const all = Object.values(inputs);
    return [all[0]!.shape.toSpliced(axis as number, 0, all.length)];
  }),
  Unpack: moving(({ value }, { axis }) => {
    const { shape } = value!;
    return Array.from({ length: shape[axis as number]! }, () => shape.toSpliced(axis as number, 1));
  }),
  SplitV: moving(({ x }, { numOrSizeSplits, axis }) =>
    backend_util
      .prepareSplitSize(x as never, numOrSizeSplits as number[], axis as number)
      .map((size) => x!.shape.with(axis as number, size)),
  ),
  PadV2: moving(({ x }, { paddings }) => [
    x!.shape.map((size, i) => size + (paddings as [number, number][])[i]!.reduce((a, b) => a + b)),
  ]),
  Tile: moving(({ x }, { reps }) => [x!.shape.map((size, i) => size * (reps as number[])[i]!)]),
  GatherV2: moving(({ x, indices }, { axis, batchDims }) => [
    x!.shape.toSpliced(axis as number, 1, ...indices!.shape.slice(batchDims as number)),
  ]),
  Diag: moving(({ x }) => [[...x!.shape, ...x!.shape]]),
  Fill: moving((_inputs, { shape }) => [shape as number[]], 'float32'),
  Range: {
    kind: 'elementwise',
    rule: (_inputs, { start, stop, step, dtype }) => {
      const length = Math.max(0, Math.ceil(((stop as number) - (start as number)) / (step as number)));
      return { outputs: [{ shape: [length], dtype: dtype as DataType }], flops: 0 };
    },
  },
  // Comparisons are not floating-point operations.
  TopK: {
    kind: 'elementwise',
    rule: (inputs, { k }) => {
      const { shape: own, dtype } = inputs.x!;
      const shape = own.with(-1, k as number);
      return {
        outputs: [
          { shape, dtype },
          { shape, dtype: 'int32' },
        ],
        flops: 0,
      };
    },
  },
};

function floats(...shapes: Shape[]): KernelResult['outputs'] {
  return shapes.map((shape) => ({ shape, dtype: 'float32' }));
}

function forEach(names: readonly string[], kernel: CountingKernel): Record<string, CountingKernel> {
  return Object.fromEntries(names.map((name) => [name, kernel]));
}

function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}
