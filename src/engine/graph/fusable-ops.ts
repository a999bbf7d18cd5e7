/*
 * Ops that may stand in a compiled region, with the name that TensorFlow's definition of the op has for its output: in
 * functions, outputs go by names.
 */

const elementwise = {
  ...named('z', ['Add', 'Sub', 'Mul', 'RealDiv', 'Maximum', 'Minimum', 'Pow', 'SquaredDifference']),
  ...named('z', ['Equal', 'NotEqual', 'Less', 'LessEqual', 'Greater', 'GreaterEqual', 'LogicalAnd', 'LogicalOr']),
  ...named('y', ['Abs', 'Neg', 'Sign', 'Square', 'Sqrt', 'Rsqrt', 'Exp', 'Log', 'Log1p', 'Erf', 'Sigmoid', 'Tanh']),
  ...named('y', ['LogicalNot', 'IsFinite', 'Cast']),
  ...named('activations', ['Relu']),
  ...named('output', ['Select']),
};

const layout = {
  ...named('y', ['Transpose']),
  ...named('output', ['Reshape', 'SplitV', 'ConcatV2', 'Slice', 'Fill', 'OneHot']),
};

/** Elementwise ops. */
export const elementwiseOps: ReadonlySet<string> = new Set(Object.keys(elementwise));

/** Ops that only change the position of elements, which is free inside a fused computation. */
export const layoutOps: ReadonlySet<string> = new Set(Object.keys(layout));

/** Output names by op. */
export const outputNames: Readonly<Record<string, string>> = { ...elementwise, ...layout, Const: 'output' };

function named(output: string, ops: readonly string[]): Record<string, string> {
  return Object.fromEntries(ops.map((op) => [op, output]));
}
