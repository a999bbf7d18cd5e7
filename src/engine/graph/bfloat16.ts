import { dtypeNumbers, reachable, typeOf, type Dtype, type Graph, type Node, type Output } from './graph.js';
import { Rewrite, type StepNodes } from './rewrite.js';

/**
 * Rewrites a step to take its matrix products in bfloat16 with float32 accumulation: mixed precision, like PyTorch's
 * autocast. Everything else stays float32, including products with a vector, which are sums.
 */
export function productsInBfloat16(graph: Graph, step: StepNodes): StepNodes {
  const rewrite = new Rewrite(graph);
  for (const node of reachable([...step.assignments, ...step.outputs.map(({ node }) => node)])) {
    if (isMatrixProduct(node)) rewrite.replace(node, [product(graph, node, rewrite)]);
    else rewrite.copy(node);
  }
  return rewrite.step(step);
}

function product(graph: Graph, node: Node, rewrite: Rewrite): Output {
  const { op, attributes, outputs } = node;
  const rounded = graph.output({
    op,
    inputs: node.inputs.map((input) => cast(graph, rewrite.output(input), 'bfloat16')),
    attributes: { ...attributes, T: { type: dtypeNumbers.bfloat16 } },
    outputs: [{ shape: outputs[0]!.shape, dtype: 'bfloat16' }],
  });
  return cast(graph, rounded, 'float32');
}

function cast(graph: Graph, value: Output, dtype: Dtype): Output {
  const type = typeOf(value);
  return graph.output({
    op: 'Cast',
    inputs: [value],
    attributes: {
      SrcT: { type: dtypeNumbers[type.dtype] },
      DstT: { type: dtypeNumbers[dtype] },
      Truncate: { b: false },
    },
    outputs: [{ shape: type.shape, dtype }],
  });
}

function isMatrixProduct({ op, inputs, outputs }: Node): boolean {
  if (op !== 'MatMul' && op !== 'BatchMatMulV2') return false;
  const [rows, columns] = outputs[0]!.shape.slice(-2) as [number, number];
  return typeOf(inputs[0]!).dtype === 'float32' && rows > 1 && columns > 1;
}
