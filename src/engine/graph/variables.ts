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

/** A value that is fed. Placeholders of one label are one and the same. */
export function placeholder(graph: Graph, label: string, dtype: Dtype, shape: Shape): Output {
  return graph.output({
    op: 'Placeholder',
    attributes: { dtype: { type: dtypeNumbers[dtype] }, shape: { shape }, _label: { s: label } },
    outputs: [{ shape, dtype }],
  });
}

/** A value under a name of its own: TensorFlow does not fetch what is also fed. */
export function fetched(graph: Graph, value: Output): Output {
  return identity(graph, value, []);
}

/** Something to fetch that comes when all of these nodes have run. */
export function whenDone(graph: Graph, nodes: readonly Node[]): Output {
  return identity(graph, constant(graph, { values: Uint8Array.of(1), shape: [], dtype: 'bool' }), nodes);
}

/** A session variable, float32. */
export class Variable {
  readonly #graph: Graph;
  readonly #handle: Output;
  /** What the variable holds before the step. Reading copies nothing. */
  readonly value: Output;
  /** Fed with a value from outside, which fetching `stored` puts into the variable. */
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
    // Without a declared shape: TensorFlow allocates a tensor of that shape for every new feed before it runs a graph, and
    // where there is no memory to hold a model's state twice it waits ten seconds for each.
    this.newValue = graph.output({
      op: 'Placeholder',
      attributes: { dtype: float, _label: { s: `new value of ${name}` } },
      outputs: [{ shape, dtype: 'float32' }],
    });
    this.stored = whenDone(graph, [this.#assign(this.newValue, [])]);
  }

  /** Gives the variable its next value, after the step has read it. What was read keeps its memory as long as needed. */
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
