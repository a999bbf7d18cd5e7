import { constant } from './constants.js';
import {
  dtypeNumbers,
  typeOf,
  type Attribute,
  type Dtype,
  type Graph,
  type Node,
  type Output,
  type Shape,
} from './graph.js';

const float: Attribute = { type: dtypeNumbers.float32 };

/** A fed value. Placeholders with equal labels are the same node. */
export function placeholder(graph: Graph, label: string, dtype: Dtype, shape: Shape): Output {
  return graph.output({
    op: 'Placeholder',
    attributes: { dtype: { type: dtypeNumbers[dtype] }, shape: { shape }, _label: { s: label } },
    outputs: [{ shape, dtype }],
  });
}

/** A copy of a value under its own name, because TensorFlow does not fetch fed values. */
export function fetched(graph: Graph, value: Output): Output {
  return identity(graph, value, []);
}

/** An output to fetch that is ready when all of these nodes have run. */
export function whenDone(graph: Graph, nodes: readonly Node[]): Output {
  return identity(graph, constant(graph, { values: Uint8Array.of(1), shape: [], dtype: 'bool' }), nodes);
}

/** A float32 session variable. */
export class Variable {
  readonly #graph: Graph;
  readonly #handle: Output;
  /** The variable's value before the step. Reading copies nothing. */
  readonly value: Output;
  /** Placeholder for a value from outside. Fetching `stored` stores it in the variable. */
  readonly newValue: Output;
  readonly stored: Output;

  constructor(
    graph: Graph,
    readonly name: string,
    readonly shape: Shape,
  ) {
    this.#graph = graph;
    this.#handle = graph.output({
      op: 'VarHandleOp',
      attributes: { dtype: float, shape: { shape }, shared_name: { s: name }, container: { s: '' } },
      outputs: [{ shape: [], dtype: 'resource' }],
    });
    this.value = graph.output({
      op: 'ReadVariableOp',
      inputs: [this.#handle],
      attributes: { dtype: float },
      outputs: [{ shape, dtype: 'float32' }],
    });
    // Without a declared shape, for which TensorFlow would allocate a tensor for every new feed before it runs a graph. If
    // memory does not hold a model's state twice, it waits ten seconds for each.
    this.newValue = graph.output({
      op: 'Placeholder',
      attributes: { dtype: float, _label: { s: `new value of ${name}` } },
      outputs: [{ shape, dtype: 'float32' }],
    });
    this.stored = whenDone(graph, [this.#assign(this.newValue, [])]);
  }

  /** Assigns the variable's next value after the step has read it. The old value keeps its memory as long as it is needed. */
  assign(next: Output): Node {
    return this.#assign(next, [this.value.node]);
  }

  #assign(next: Output, controls: readonly Node[]): Node {
    return this.#graph.add({
      op: 'AssignVariableOp',
      inputs: [this.#handle, next],
      controls,
      attributes: { dtype: float },
      outputs: [],
    });
  }
}

function identity(graph: Graph, value: Output, controls: readonly Node[]): Output {
  const type = typeOf(value);
  return graph.output({
    op: 'Identity',
    inputs: [value],
    controls,
    attributes: { T: { type: dtypeNumbers[type.dtype] } },
    outputs: [type],
  });
}
