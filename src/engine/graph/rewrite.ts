import type { Graph, Node, Output } from './graph.js';

/** What a step does: the assignments it makes and the outputs it reports. */
export interface StepNodes {
  readonly assignments: readonly Node[];
  readonly outputs: readonly Output[];
}

/** A step's nodes made anew, one after the other, over what replaced the nodes before. */
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

  /** What an output has become: itself as long as nothing took its place. */
  output(output: Output): Output {
    return this.#outputs.get(output.node)?.[output.index] ?? output;
  }

  node(node: Node): Node {
    return this.#nodes.get(node) ?? node;
  }

  /** Puts outputs of other nodes in the place of a node's own. */
  replace(node: Node, outputs: readonly Output[]): void {
    this.#nodes.set(node, outputs[0]!.node);
    this.#outputs.set(node, outputs);
  }

  /** The same op over what has become of its inputs and controls. */
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
