import { dtypeNumbers, sizeOf, type ConstantValue, type Graph, type Output, type TensorType, typeOf } from './graph.js';

/** Constants with at most this many numbers are stored unchanged. */
const small = 16;

/**
 * Adds a constant. Large constants with a single value become a scalar that the session expands, and scaled identity
 * matrices a scalar on a diagonal. Otherwise the zeros and ones of gradients would take more space in the graph than the
 * model.
 */
export function constant(graph: Graph, value: ConstantValue): Output {
  const { values, shape, dtype } = value;
  if (values.length > small) {
    if (isUniform(values)) return filled(graph, values[0]!, value);
    const [rows, columns] = shape;
    if (shape.length === 2 && rows === columns && isUniformDiagonal(values, rows!)) {
      return graph.output({
        op: 'Diag',
        inputs: [filled(graph, values[0]!, { shape: [rows!], dtype })],
        attributes: { T: { type: dtypeNumbers[dtype] } },
        outputs: [{ shape, dtype }],
      });
    }
  }
  return graph.output({
    op: 'Const',
    attributes: { dtype: { type: dtypeNumbers[dtype] }, value: { tensor: value } },
    outputs: [{ shape, dtype }],
  });
}

/** A tensor of this shape filled with one value. */
export function filled(graph: Graph, value: number, { shape, dtype }: TensorType): Output {
  const scalar = constant(graph, { values: arrayOf([value], dtype), shape: [], dtype });
  if (shape.length === 0) return scalar;
  const dimensions = constant(graph, { values: Int32Array.from(shape), shape: [shape.length], dtype: 'int32' });
  return graph.output({
    op: 'Fill',
    inputs: [dimensions, scalar],
    attributes: { T: { type: dtypeNumbers[dtype] }, index_type: { type: dtypeNumbers.int32 } },
    outputs: [{ shape, dtype }],
  });
}

/** Returns the constant scalar that fills this tensor, or undefined. */
export function fillOf({ node }: Output): Output | undefined {
  const value = node.op === 'Fill' ? node.inputs[1]! : undefined;
  return value?.node.op === 'Const' ? value : undefined;
}

/** Returns the values of a constant, or undefined if they are only known at run time. */
export function constantValues(output: Output): ArrayLike<number> | undefined {
  const fill = fillOf(output);
  const { value } = (fill ?? output).node.attributes;
  if (value === undefined || !('tensor' in value)) return undefined;
  const { values } = value.tensor;
  return fill ? new Array<number>(sizeOf(typeOf(output).shape)).fill(values[0]!) : values;
}

/** Converts numbers to their memory format in TensorFlow. */
export function arrayOf(values: ArrayLike<number>, dtype: TensorType['dtype']): ConstantValue['values'] {
  if (dtype === 'float32') return Float32Array.from(values);
  return dtype === 'int32' ? Int32Array.from(values) : Uint8Array.from(values);
}

function isUniform(values: ConstantValue['values']): boolean {
  const first = values[0]!;
  // Unlike ===, Object.is distinguishes −0 from 0 and treats NaN as equal to itself.
  return values.every((value) => Object.is(value, first));
}

function isUniformDiagonal(values: ConstantValue['values'], size: number): boolean {
  const first = values[0]!;
  return (
    values.length === sizeOf([size, size]) &&
    values.every((value, i) => Object.is(value, i % (size + 1) === 0 ? first : 0))
  );
}
