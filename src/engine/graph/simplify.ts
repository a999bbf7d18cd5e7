import { arrayOf, constant, constantValues, filled, fillOf } from './constants.js';
import { dtypeNumbers, sameShape, typeOf, type Graph, type NodeSpec, type Output } from './graph.js';
import { broadcastingOps } from './shape-rules.js';

type Operation = Required<Pick<NodeSpec, 'op' | 'inputs' | 'attributes' | 'outputs'>>;
type Rule = (graph: Graph, operation: Operation) => Output | undefined;

/*
 * Rewriting of single ops as they are added. Every rule gives the same values bit for bit; TensorFlow's own optimizer does
 * the rest when the graph is loaded.
 */

/** Flags of a product that transpose its operands. */
const productSides = ['adj_x', 'adj_y'] as const;

/** Simplification rules by op, tried in order. */
const rules: Readonly<Record<string, readonly Rule[]>> = {
  Cast: [castToSame, castOfFill],
  Reshape: [reshapeOfFill, reshapeOfReshape, reshapeToSame],
  Transpose: [transposeOfTranspose, transposeToSame],
  BatchMatMulV2: [thinOperandsAsTheyAre, transposesIntoProduct, productOfMatrices],
  Mul: [timesOne],
  RealDiv: [byOne],
  ZerosLike: [(graph, { outputs }) => filled(graph, 0, outputs[0]!)],
  OnesLike: [(graph, { outputs }) => filled(graph, 1, outputs[0]!)],
};

/** Returns a cheaper output of equal value, or undefined. */
export function simplified(graph: Graph, operation: Operation): Output | undefined {
  for (const rule of rules[operation.op] ?? []) {
    const result = rule(graph, operation);
    if (result) return result;
  }
  return broadcastingOps.has(operation.op) ? scalarForFill(graph, operation) : undefined;
}

function castToSame(_graph: Graph, { inputs, outputs }: Operation): Output | undefined {
  return typeOf(inputs[0]!).dtype === outputs[0]!.dtype ? inputs[0] : undefined;
}

function castOfFill(graph: Graph, { inputs, outputs }: Operation): Output | undefined {
  const value = fillOf(inputs[0]!);
  const { dtype } = outputs[0]!;
  return value && filled(graph, arrayOf(constantValues(value)!, dtype)[0]!, outputs[0]!);
}

function reshapeOfFill(graph: Graph, { inputs, outputs }: Operation): Output | undefined {
  const value = fillOf(inputs[0]!);
  return value && filled(graph, constantValues(value)![0]!, outputs[0]!);
}

function reshapeOfReshape(graph: Graph, operation: Operation): Output | undefined {
  const { node } = operation.inputs[0]!;
  if (node.op !== 'Reshape') return undefined;
  return rebuilt(graph, { ...operation, inputs: [node.inputs[0]!, operation.inputs[1]!] });
}

function reshapeToSame(_graph: Graph, { inputs, outputs }: Operation): Output | undefined {
  return sameShape(typeOf(inputs[0]!).shape, outputs[0]!.shape) ? inputs[0] : undefined;
}

function transposeOfTranspose(graph: Graph, operation: Operation): Output | undefined {
  const { node } = operation.inputs[0]!;
  if (node.op !== 'Transpose') return undefined;
  const [inner, outer] = [orderOf(node.inputs[1]!), orderOf(operation.inputs[1]!)];
  const values = Int32Array.from(outer, (axis) => inner[axis]!);
  const order = constant(graph, { values, shape: [values.length], dtype: 'int32' });
  return rebuilt(graph, { ...operation, inputs: [node.inputs[0]!, order] });
}

function transposeToSame(_graph: Graph, { inputs }: Operation): Output | undefined {
  return orderOf(inputs[1]!).every((axis, i) => axis === i) ? inputs[0] : undefined;
}

/** Moves a transpose into a product, which transposes its operands for free. */
function transposesIntoProduct(graph: Graph, operation: Operation): Output | undefined {
  const swapped = operation.inputs.map(swapsLastTwo);
  if (!swapped.includes(true)) return undefined;
  const flags = productSides.map((side, i) => [side, { b: flag(operation, side) !== swapped[i] }] as const);
  return rebuilt(graph, {
    ...operation,
    inputs: operation.inputs.map((input, i) => (swapped[i] ? input.node.inputs[0]! : input)),
    attributes: { ...operation.attributes, ...Object.fromEntries(flags) },
  });
}

/**
 * Transposes rows and columns of length 1 by reshaping instead of flags. The flags would give oneDNN two descriptions of one
 * memory layout, with which concurrent products overrun each other's scratch memory (libtensorflow 2.21).
 */
function thinOperandsAsTheyAre(graph: Graph, operation: Operation): Output | undefined {
  const thin = productSides.map(
    (side, i) => flag(operation, side) && typeOf(operation.inputs[i]!).shape.slice(-2).includes(1),
  );
  if (!thin.includes(true)) return undefined;
  const flags = productSides.map((side, i) => [side, { b: flag(operation, side) && !thin[i] }] as const);
  return rebuilt(graph, {
    ...operation,
    inputs: operation.inputs.map((input, i) => (thin[i] ? lastTwoSwapped(graph, input) : input)),
    attributes: { ...operation.attributes, ...Object.fromEntries(flags) },
  });
}

/** Transposes matrices with a single row or column. */
function lastTwoSwapped(graph: Graph, input: Output): Output {
  const { shape, dtype } = typeOf(input);
  const swapped = [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!];
  const dimensions = constant(graph, { values: Int32Array.from(swapped), shape: [swapped.length], dtype: 'int32' });
  return rebuilt(graph, {
    op: 'Reshape',
    inputs: [input, dimensions],
    attributes: { T: { type: dtypeNumbers[dtype] }, Tshape: { type: dtypeNumbers.int32 } },
    outputs: [{ shape: swapped, dtype }],
  });
}

/** Replaces a batched product of single matrices by a plain one. */
function productOfMatrices(graph: Graph, operation: Operation): Output | undefined {
  const { inputs, attributes, outputs } = operation;
  if (inputs.some((input) => typeOf(input).shape.length !== 2)) return undefined;
  const flags = { transpose_a: { b: flag(operation, 'adj_x') }, transpose_b: { b: flag(operation, 'adj_y') } };
  return graph.output({ op: 'MatMul', inputs, attributes: { T: attributes.T!, ...flags }, outputs });
}

function timesOne(_graph: Graph, { inputs: [a, b], outputs }: Operation): Output | undefined {
  if (isOne(b!) && sameShape(typeOf(a!).shape, outputs[0]!.shape)) return a;
  return isOne(a!) && sameShape(typeOf(b!).shape, outputs[0]!.shape) ? b : undefined;
}

function byOne(_graph: Graph, { inputs: [a, b], outputs }: Operation): Output | undefined {
  return isOne(b!) && sameShape(typeOf(a!).shape, outputs[0]!.shape) ? a : undefined;
}

/** Replaces a filled constant by its scalar if the other operand has the result's shape. */
function scalarForFill(graph: Graph, operation: Operation): Output | undefined {
  const { shape } = operation.outputs[0]!;
  const at = operation.inputs.findIndex((input) => fillOf(input) !== undefined);
  if (at === -1 || !sameShape(typeOf(operation.inputs[1 - at]!).shape, shape)) return undefined;
  return rebuilt(graph, { ...operation, inputs: operation.inputs.with(at, fillOf(operation.inputs[at]!)!) });
}

/** Adds the changed operation, simplified further if possible. */
function rebuilt(graph: Graph, operation: Operation): Output {
  return simplified(graph, operation) ?? graph.output(operation);
}

function orderOf(order: Output): number[] {
  return Array.from(constantValues(order)!);
}

function swapsLastTwo({ node }: Output): boolean {
  if (node.op !== 'Transpose') return false;
  const order = orderOf(node.inputs[1]!);
  const rank = order.length;
  const swap = [...Array(rank - 2).keys(), rank - 1, rank - 2];
  return order.every((axis, i) => axis === swap[i]);
}

function flag({ attributes }: Operation, name: string): boolean {
  const attribute = attributes[name];
  return attribute !== undefined && 'b' in attribute && attribute.b;
}

function isOne(output: Output): boolean {
  const { op, attributes } = (fillOf(output) ?? output).node;
  const value = attributes.value;
  return op === 'Const' && value !== undefined && 'tensor' in value && value.tensor.values.every((x) => x === 1);
}
