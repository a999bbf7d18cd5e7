import { reachable, sizeOf, typeOf, type Graph, type Node, type Output } from './graph.js';
import { Rewrite, type StepNodes } from './rewrite.js';
import { whenDone } from './variables.js';

/** Assignments that share tensors, such as those of a parameter and its optimizer state. */
interface Group {
  readonly assignments: Node[];
  /** The nodes that only these assignments need. */
  readonly nodes: Node[];
  bytes: number;
}

/** Bytes of new values that may be computed at once. */
const defaultBudget = 256 * 2 ** 20;

/**
 * Orders the groups of assignments in a step that share only scalars, to limit memory. TensorFlow starts every op as soon as
 * it can, and would hold the intermediate results of all parameters at once. Here a group waits for earlier groups, except
 * for the last few that fit into the budget together.
 */
export function limitMemory(graph: Graph, step: StepNodes, budget = defaultBudget): StepNodes {
  const total = step.assignments.reduce((sum, assignment) => sum + bytesOf(assignment.inputs[1]!), 0);
  if (total <= budget) return step;

  const nodes = reachable(step.assignments);
  const groups = groupsOf(step.assignments, nodes);
  const rewrite = new Rewrite(graph);
  const done: { barrier: Node; bytes: number }[] = [];
  for (const { assignments, nodes, bytes } of groups) {
    const gate = gateOf(done, bytes, budget);
    const own = new Set(nodes);
    for (const node of nodes) {
      const waits = gate !== undefined && !node.inputs.some((input) => own.has(input.node));
      rewrite.copy(node, ...(waits ? [gate] : []));
    }
    const before = done.at(-1)?.barrier;
    const ends = assignments.map((assignment) => rewrite.node(assignment));
    const { node: barrier } = whenDone(graph, [...ends, ...(before ? [before] : [])]);
    done.push({ barrier, bytes });
  }
  const reporting = reachable(step.outputs.map(({ node }) => node)).filter((node) => !rewrite.has(node));
  for (const node of reporting) rewrite.copy(node);
  return rewrite.step(step);
}

/** Finds the last group that must be finished so that the next one fits into the budget. */
function gateOf(done: readonly { barrier: Node; bytes: number }[], bytes: number, budget: number): Node | undefined {
  let underWay = bytes;
  for (const { barrier, bytes } of done.toReversed()) {
    underWay += bytes;
    if (underWay > budget) return barrier;
  }
  return undefined;
}

/** Returns the groups in the order of their first assignments, with their nodes in the order of the graph. */
function groupsOf(assignments: readonly Node[], nodes: readonly Node[]): Group[] {
  const representative = connected(nodes);
  const groups = new Map<Node, Group>();
  for (const assignment of assignments) {
    const key = representative(assignment);
    const group = groups.get(key) ?? { assignments: [], nodes: [], bytes: 0 };
    group.assignments.push(assignment);
    group.bytes += bytesOf(assignment.inputs[1]!);
    groups.set(key, group);
  }

  // The only group that needs a node, or null if there are several.
  const user = new Map<Node, Group | null>();
  for (const group of groups.values()) for (const assignment of group.assignments) user.set(assignment, group);
  for (const node of nodes.toReversed()) {
    const group = user.get(node)!;
    for (const input of [...node.inputs.map((input) => input.node), ...node.controls]) {
      user.set(input, user.has(input) && user.get(input) !== group ? null : group);
    }
  }
  for (const node of nodes) if (!isSource(node)) user.get(node)?.nodes.push(node);
  return [...groups.values()];
}

/** Finds sets of nodes that share tensors other than scalars. Returns a function from a node to its set's representative. */
function connected(nodes: readonly Node[]): (node: Node) => Node {
  const parents = new Map<Node, Node>();
  const find = (node: Node): Node => {
    let top = node;
    for (let parent = parents.get(top); parent !== undefined; parent = parents.get(top)) top = parent;
    if (top !== node) parents.set(node, top);
    return top;
  };
  // Tensors computed from constants alone are shared even by otherwise unrelated parameters.
  const constants = new Set<Node>();
  for (const node of nodes) {
    const { op, inputs } = node;
    if (op === 'Const' || (inputs.length > 0 && inputs.every((input) => constants.has(input.node))))
      constants.add(node);
    for (const input of inputs) {
      if (constants.has(input.node) || sizeOf(typeOf(input).shape) === 1) continue;
      const [a, b] = [find(node), find(input.node)];
      if (a !== b) parents.set(a, b);
    }
  }
  return find;
}

/** Returns true for nodes that cost nothing and wait for nothing. */
function isSource({ op }: Node): boolean {
  return ['Const', 'Placeholder', 'VarHandleOp', 'ReadVariableOp'].includes(op);
}

function bytesOf(output: Output): number {
  return 4 * sizeOf(typeOf(output).shape);
}
