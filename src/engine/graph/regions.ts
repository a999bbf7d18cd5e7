import { constantValues } from './constants.js';
import { sizeOf, typeOf, type Node, type Output } from './graph.js';
import { elementwiseOps, layoutOps } from './fusable-ops.js';

/** Results that one pass over memory computes from stored tensors. */
export interface Region {
  readonly results: readonly Output[];
  /** The computed nodes: the results and everything between them and the arguments. */
  readonly inside: ReadonlySet<Node>;
}

/**
 * Finds the regions of elementwise ops that are worth fusing.
 * @param nodes The nodes of a graph, each after its inputs.
 * @param smallest The smallest number of elements of a result that is worth fusing.
 */
export function regionsOf(nodes: readonly Node[], smallest: number): Region[] {
  const stored = storedOf(nodes);
  const isResult = (node: Node) => stored.has(node) && canBeResult(node);
  const regions = new Map<Node, Region>();
  for (const node of nodes.filter(isResult)) {
    regions.set(node, { results: [{ node, index: 0 }], inside: insideOf(node, stored) });
  }
  merge(
    regions,
    levelsOf(nodes, (node) => !isFusable(node) || (stored.has(node) && !canBeResult(node))),
  );
  return [...new Set(regions.values())].filter(
    ({ results, inside }) => elements(results[0]!.node) >= smallest && computations(inside) > 1,
  );
}

/** Lists the outputs that a region needs from outside, each once, in the order of the graph. */
export function argumentsOf({ inside }: Region): Output[] {
  const found = new Map<string, Output>();
  for (const { inputs } of inside) {
    for (const input of inputs) if (!inside.has(input.node)) found.set(`${input.node.id}:${input.index}`, input);
  }
  return [...found.values()].sort((a, b) => a.node.id - b.node.id || a.index - b.index);
}

/**
 * Finds the nodes whose values must be stored because an op outside of regions needs them. All others are computed where
 * they are used, repeatedly if necessary.
 */
function storedOf(nodes: readonly Node[]): ReadonlySet<Node> {
  const isComputed = computedOf(nodes);
  const users = new Map<Node, Node[]>(nodes.map((node) => [node, []]));
  for (const node of nodes) for (const { node: input } of node.inputs) users.get(input)!.push(node);
  const stored = new Set<Node>();
  // In reverse, so that the users of a node are already classified.
  for (const node of nodes.toReversed()) {
    if (!isFusable(node)) continue;
    const needs = (user: Node) =>
      !isFusable(user) ||
      (stored.has(user) && !canBeResult(user)) ||
      (isComputed.has(node) && elementwiseOps.has(user.op) && elements(user) > elements(node));
    if (users.get(node)!.some(needs)) stored.add(node);
  }
  return stored;
}

/** Finds the nodes that depend on a computation, which must not be repeated by every broadcast. */
function computedOf(nodes: readonly Node[]): ReadonlySet<Node> {
  const computed = new Set<Node>();
  for (const node of nodes) {
    if (elementwiseOps.has(node.op) || (isFusable(node) && node.inputs.some((input) => computed.has(input.node)))) {
      computed.add(node);
    }
  }
  return computed;
}

function insideOf(result: Node, stored: ReadonlySet<Node>): ReadonlySet<Node> {
  const inside = new Set([result]);
  for (const node of inside) {
    for (const { node: input } of node.inputs) {
      if (isFree(input) || (isFusable(input) && !stored.has(input))) inside.add(input);
    }
  }
  return inside;
}

/** The largest number of unfused ops before each node. Between nodes of equal level there are none. */
function levelsOf(nodes: readonly Node[], isOutside: (node: Node) => boolean): ReadonlyMap<Node, number> {
  const levels = new Map<Node, number>();
  for (const node of nodes) {
    const before = node.inputs.map((input) => levels.get(input.node)! + (isOutside(input.node) ? 1 : 0));
    levels.set(node, Math.max(0, ...before));
  }
  return levels;
}

/** Merges regions of equal size that use each other's results, unless an unfused op lies between them. */
function merge(regions: Map<Node, Region>, levels: ReadonlyMap<Node, number>): void {
  for (const node of regions.keys()) {
    for (const { node: argument } of argumentsOf(regions.get(node)!)) {
      const [user, maker] = [regions.get(node)!, regions.get(argument)];
      if (maker === undefined || maker === user || elements(argument) !== elements(node)) continue;
      if (levels.get(argument) !== levels.get(node) || leadsAround(maker, user, regions, levels)) continue;
      const joined = {
        results: [...maker.results, ...user.results],
        inside: new Set([...maker.inside, ...user.inside]),
      };
      for (const result of joined.results) regions.set(result.node, joined);
    }
  }
}

/** Returns true if a path between two regions passes a third one, so that merging them would create a cycle. */
function leadsAround(
  from: Region,
  to: Region,
  regions: ReadonlyMap<Node, Region>,
  levels: ReadonlyMap<Node, number>,
): boolean {
  const level = levels.get(to.results[0]!.node);
  const regionsBefore = (region: Region) =>
    argumentsOf(region).flatMap(({ node }) => {
      const before = levels.get(node) === level ? regions.get(node) : undefined;
      return before && before !== region ? [before] : [];
    });
  const visited = new Set(regionsBefore(to).filter((region) => region !== from));
  for (const region of visited) {
    for (const before of regionsBefore(region)) {
      if (before === from) return true;
      visited.add(before);
    }
  }
  return false;
}

/** Returns true if a node can be part of a region. Scalars are not worth fusing. */
function isFusable(node: Node): boolean {
  if (node.op === 'Transpose') return keepsLastAxis(node);
  return (elementwiseOps.has(node.op) || layoutOps.has(node.op)) && elements(node) > 1;
}

/** Returns true if a node can be the result of a region. Concatenation and broadcasting are left to TensorFlow. */
function canBeResult({ op, outputs }: Node): boolean {
  return outputs.length === 1 && !['ConcatV2', 'Fill', 'OneHot'].includes(op);
}

/** Returns true for nodes that are free in any region: small constants and their broadcasts. */
function isFree(node: Node): boolean {
  return node.op === 'Fill' || (node.op === 'Const' && elements(node) <= 16);
}

/** Returns true if elements of a row stay adjacent, so that regions read them in order. */
function keepsLastAxis(node: Node): boolean {
  const order = constantValues(node.inputs[1]!)!;
  return order[order.length - 1] === order.length - 1;
}

function computations(nodes: ReadonlySet<Node>): number {
  return [...nodes].filter(({ op }) => elementwiseOps.has(op)).length;
}

function elements(node: Node): number {
  return Math.max(...node.outputs.map((_, index) => sizeOf(typeOf({ node, index }).shape)));
}
