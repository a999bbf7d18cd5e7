import { createHash } from 'node:crypto';
import {
  argumentOp,
  dtypeNumbers,
  Graph,
  reachable,
  typeOf,
  type FunctionBody,
  type Node,
  type Output,
} from './graph.js';
import { argumentsOf, regionsOf, type Region } from './regions.js';
import { Rewrite, type StepNodes } from './rewrite.js';

/**
 * Rewrites a step so that each region of elementwise ops is one op, which TensorFlow compiles (XLA) at its first execution.
 * A region takes one pass over memory instead of one per op.
 *
 * Only results that other ops need are stored. Intermediate results are cheap to recompute, so every region that needs them
 * computes them: the backward pass keeps a layer's inputs instead of its intermediate results. Reductions and products stay
 * outside, because TensorFlow's kernels are faster than compiled ones.
 *
 * Equal regions call one function, so that the layers of a model share compiled code.
 * @param smallest The smallest number of elements of a result that is worth fusing.
 */
export function fuse(graph: Graph, step: StepNodes, smallest: number): StepNodes {
  const roots = [...step.assignments, ...step.outputs.map(({ node }) => node)];
  const nodes = reachable(roots);
  const regions = new Map(
    regionsOf(nodes, smallest).flatMap((region) => region.results.map(({ node }) => [node, region] as const)),
  );
  const rewrite = new Rewrite(graph);
  const dependencies = (node: Node): Node[] => {
    const region = regions.get(node);
    if (region) return argumentsOf(region).map((argument) => argument.node);
    return [...node.inputs.map((input) => input.node), ...node.controls];
  };
  inOrder(roots, dependencies, (node) => {
    const region = regions.get(node);
    if (region === undefined) rewrite.copy(node);
    else if (!rewrite.has(node)) {
      const call = callOf(graph, region, (output) => rewrite.output(output));
      region.results.forEach((result, index) => {
        rewrite.replace(result.node, [{ node: call, index }]);
      });
    }
  });
  return rewrite.step(step);
}

/** Calls `action` once for every node that the roots depend on, dependencies first. */
function inOrder(roots: readonly Node[], dependencies: (node: Node) => Node[], action: (node: Node) => void): void {
  const done = new Set<Node>();
  const pending = [...roots];
  for (let node = pending.at(-1); node !== undefined; node = pending.at(-1)) {
    const missing = done.has(node) ? [] : dependencies(node).filter((dependency) => !done.has(dependency));
    if (missing.length > 0) {
      pending.push(...missing);
      continue;
    }
    pending.pop();
    if (!done.has(node)) action(node);
    done.add(node);
  }
}

/** A call of the function that computes a region. */
function callOf(graph: Graph, region: Region, replacement: (output: Output) => Output): Node {
  const args = argumentsOf(region);
  const types = (outputs: readonly Output[]) => ({
    types: outputs.map((output) => dtypeNumbers[typeOf(output).dtype]),
  });
  return graph.add({
    op: 'PartitionedCall',
    inputs: args.map(replacement),
    attributes: {
      Tin: types(args),
      Tout: types(region.results),
      f: { function: bodyOf(region, args) },
      _XlaMustCompile: { b: true },
    },
    outputs: region.results.map(typeOf),
  });
}

/** Builds the region as a graph of its own, with numbering that depends only on the region. */
function bodyOf({ results, inside }: Region, args: readonly Output[]): FunctionBody {
  const body = new Graph();
  const copies = new Map<string, Output>();
  const key = ({ node, index }: Output) => `${node.id}:${index}`;
  const parameters = args.map((argument, i) => {
    const node = body.add({ op: argumentOp, attributes: { index: { i } }, outputs: [typeOf(argument)] });
    copies.set(key(argument), { node, index: 0 });
    return node;
  });
  const nodes = [...inside]
    .sort((a, b) => a.id - b.id)
    .map((node) => {
      const copy = body.add({ ...node, inputs: node.inputs.map((input) => copies.get(key(input))!) });
      node.outputs.forEach((_, index) => copies.set(key({ node, index }), { node: copy, index }));
      return copy;
    });
  const copied = results.map((result) => copies.get(key(result))!);
  return { name: `fused_${digest([...parameters, ...nodes], copied)}`, parameters, nodes, results: copied };
}

/** A digest of a body. Bodies with equal digests compute the same. */
function digest(nodes: readonly Node[], results: readonly Output[]): string {
  const place = ({ node, index }: Output) => [node.id, index];
  const text = nodes.map(({ id, op, inputs, attributes, outputs }) => [
    id,
    op,
    inputs.map(place),
    // Bodies contain only small constants.
    Object.entries(attributes).map(([name, value]) => [name, 'tensor' in value ? [...value.tensor.values] : value]),
    outputs,
  ]);
  return createHash('sha256')
    .update(JSON.stringify([text, results.map(place)]))
    .digest('hex')
    .slice(0, 16);
}
