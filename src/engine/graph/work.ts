import type { Work } from '../engine.js';
import { sizeOf, typeOf, type Node, type Output } from './graph.js';

const products: ReadonlySet<string> = new Set(['MatMul', 'BatchMatMulV2']);
const decompositions: ReadonlySet<string> = new Set(['SelfAdjointEigV2', 'Qr', 'MatrixTriangularSolve']);

// Ops that pass memory on unchanged. An assignment takes the buffer of its value.
const free: ReadonlySet<string> = new Set([
  ...['Const', 'Placeholder', 'Identity', 'Reshape', 'NoOp'],
  ...['VarHandleOp', 'ReadVariableOp', 'AssignVariableOp'],
]);

const bytesOf = { float32: 4, int32: 4, bool: 1, bfloat16: 2, resource: 0 } as const;

/** Lists the work of a graph by op and shape of the result, the largest memory traffic first. */
export function workOf(nodes: readonly Node[]): Work[] {
  const found = new Map<string, Work>();
  for (const node of nodes) {
    const kind = kindOf(node.op);
    if (kind === undefined) continue;
    const { shape } = node.outputs[0]!;
    const key = `${node.op} ${shape.join('×')}`;
    const known = found.get(key) ?? { kind, op: node.op, shape, count: 0, flops: 0, bytes: 0 };
    found.set(key, {
      ...known,
      count: known.count + 1,
      flops: known.flops + (kind === 'product' ? productFlops(node) : 0),
      bytes: known.bytes + traffic(node),
    });
  }
  return [...found.values()].sort((a, b) => b.bytes - a.bytes);
}

function kindOf(op: string): Work['kind'] | undefined {
  if (free.has(op)) return undefined;
  if (products.has(op)) return 'product';
  return decompositions.has(op) ? 'decomposition' : 'pass';
}

/** A multiplication and an addition for each element of the result and each element of the contracted side. */
function productFlops({ inputs, attributes, outputs }: Node): number {
  const left = typeOf(inputs[0]!).shape;
  const transposed = attributes.adj_x ?? attributes.transpose_a;
  const isTransposed = transposed !== undefined && 'b' in transposed && transposed.b;
  return 2 * sizeOf(outputs[0]!.shape) * left.at(isTransposed ? -2 : -1)!;
}

function traffic(node: Node): number {
  const size = (output: Output) => {
    const { shape, dtype } = typeOf(output);
    return sizeOf(shape) * bytesOf[dtype];
  };
  const read = node.inputs.reduce((sum, input) => sum + size(input), 0);
  return node.outputs.reduce((sum, _, index) => sum + size({ node, index }), read);
}
