import { constantValues } from './constants.js';
import { typeOf, type Attributes, type Graph, type Output } from './graph.js';
import { shapeRules, type Operand } from './shape-rules.js';
import { simplified } from './simplify.js';

/**
 * Adds an op to a graph, or a cheaper equal one if possible.
 * @returns The op's outputs, or undefined if there is no rule for its shape.
 */
export function applyOp(
  graph: Graph,
  op: string,
  inputs: readonly Output[],
  attributes: Attributes,
): readonly Output[] | undefined {
  const rule = shapeRules[op];
  if (rule === undefined) return undefined;
  const outputs = rule(inputs.map(operandOf), attributes);
  const cheaper = simplified(graph, { op, inputs, attributes, outputs });
  if (cheaper) return [cheaper];
  const node = graph.add({ op, inputs, attributes, outputs });
  return outputs.map((_, index) => ({ node, index }));
}

function operandOf(output: Output): Operand {
  return {
    ...typeOf(output),
    // Computed on demand: few rules read values, and some constants are large.
    get values() {
      return constantValues(output);
    },
  };
}
