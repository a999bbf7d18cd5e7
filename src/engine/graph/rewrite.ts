import type { Graph, Node, Output } from './graph.js';

/** The nodes of a step: its assignments and its outputs. */
export interface StepNodes {
  readonly assignments: readonly Node[];
  readonly outputs: readonly Output[];
}

/** Rebuilds a step's nodes in order, on top of the replacements of earlier nodes. */
export class Rewrite {
  readonly #graph: Graph;
  readonly #outputs = new Map<Node, readonly Output[]>();
  readonly #nodes = new Map<Node, Node>();

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  has(node: Node): boolean {
    return this.#nodes.has(node);
  }

  /** Returns the replacement of an output, or the output itself. */
  output(output: Output): Output {
    return this.#outputs.get(output.node)?.[output.index] ?? output;
  }

  node(node: Node): Node {
    return this.#nodes.get(node) ?? node;
  }

  /** Replaces a node's outputs by those of other nodes. */
  replace(node: Node, outputs: readonly Output[]): void {
    this.#nodes.set(node, outputs[0]!.node);
    this.#outputs.set(node, outputs);
  }

  /** Copies a node with replaced inputs and controls. */
  copy(node: Node, ...controls: readonly Node[]): void {
    const copy = this.#graph.add({
      ...node,
      inputs: node.inputs.map((input) => this.output(input)),
      controls: [...node.controls.map((control) => this.node(control)), ...controls],
    });
    this.#nodes.set(node, copy);
    this.#outputs.set(
      node,
      node.outputs.map((_, index) => ({ node: copy, index })),
    );
  }

  step({ assignments, outputs }: StepNodes): StepNodes {
    return {
      assignments: assignments.map((node) => this.node(node)),
      outputs: outputs.map((output) => this.output(output)),
    };
  }
}
